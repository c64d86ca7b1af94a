import { Command } from 'commander';

/** `generate-tests`: the auth paths as source in the repository of a bot. */
export function generateTestsCommand(): Command {
  return new Command('generate-tests')
    .summary('write tests of your bot into your repository')
    .description(
      'Writes a Vitest file that walks your bot through expired tokens, revoked sessions, locks, rate limits and outages. ' +
        'Beside it, once, it writes a file that says how your bot is started. Run it again to renew the tests: the ' +
        'file that starts your bot is kept as it is.',
    )
    .option('--out <file>', 'the test file to write', 'test/auth-paths.test.ts')
    .option('--list', 'print the plans of the tests instead, and write nothing')
    .option('--json', 'with --list: as a JSON array, for other runners')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  matrix-auth-machine generate-tests\n' +
        '  matrix-auth-machine generate-tests --out test/session.test.js\n' +
        '  matrix-auth-machine generate-tests --list --json',
    )
    .action(async (options: { out: string; list?: true; json?: true }) => {
      const { generateTests } = await import('./generate-tests.ts');
      await generateTests(options);
    });
}

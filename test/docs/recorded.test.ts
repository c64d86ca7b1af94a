import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth, credentials } from '../../src/index.ts';
import { type OAuthOptions, startTestHomeserver } from '../../src/testing/index.ts';
import { root } from '../../tools/root.ts';
import { runCliProcess } from '../cli/running.ts';
import { missingTerminal, startInTerminal } from '../support/terminal.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';
import { canaryPassword } from '../support/both.ts';
import { Person } from '../support/rest.ts';

const page = join(root, 'docs/cli.md');

/** What is another at each run, and what the page has for it. */
const varying: readonly (readonly [RegExp, string])[] = [
  [/http:\/\/127\.0\.0\.1:\d+/g, 'https://matrix.example.org'],
  [/\bin \d+ min(?: \d+ s)?(?=, at)/g, 'in 3 min 24 s'],
  [/\bat \d\d:\d\d:\d\d/g, 'at 13:07:32'],
  [/\([0-9a-f]{8}\)/g, '(9d25f7a1)'],
  [/\bMAM[0-9A-F]{12}\b/g, 'MAM4F0C2A91B7D3'],
  [/\b[A-Z]{10}\b/g, 'GQMOLEVJRF'],
  [/\bcode=\w+/g, 'code=GBVRPR'],
  [/(?<=\bcode |Code: )[A-Z0-9]{6,9}\b/g, 'GBVRPR'],
  [/\/\S*\/bot\.db/g, 'bot.db'],
];

/**
 * Holds what was printed against what the page shows as recorded under this name. With `RECORD=1` it is written there
 * instead.
 */
async function expectRecorded(name: string, command: string, printed: string): Promise<void> {
  const text = varying.reduce((left, [pattern, replacement]) => left.replace(pattern, replacement), printed);
  const block = `<!-- recorded:${name} -->\n\`\`\`\n$ ${command}\n${text}\`\`\`\n<!-- /recorded:${name} -->`;
  const markers = new RegExp(`<!-- recorded:${name} -->[\\s\\S]*<!-- /recorded:${name} -->`);
  const content = await readFile(page, 'utf8');
  if (process.env['RECORD'] === '1')
    await writeFile(
      page,
      content.replace(markers, () => block),
    );
  else expect(markers.exec(content)?.[0], 'run this test with RECORD=1 and read what it wrote').toBe(block);
}

async function signedUpBot(oauth?: OAuthOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-recorded-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const user = { localpart: 'echo', password: canaryPassword() };
  const homeserver = await startTestHomeserver({
    serverName: 'example.org',
    users: [user],
    ...(oauth === undefined ? {} : { oauth }),
  });
  onTestFinished(() => homeserver.stop());
  return { homeserver, user, file: join(folder, 'bot.db') };
}

describeWhereThereIs('script', missingTerminal, 'in a terminal', {}, () => {
  test('init', async () => {
    const { homeserver, user, file } = await signedUpBot();
    const main = join(root, 'src/cli/main.ts');
    const args = [main, 'init', 'echo', '--server', homeserver.url, '--no-install'];
    const terminal = startInTerminal(args, dirname(file));
    await terminal.shows(/^User name: $/m);
    terminal.type(`${user.localpart}\r`);
    await terminal.shows(/\(not shown\): $/m);
    terminal.type(`${user.password}\r`);
    expect(await terminal.ended).toBe(0);
    // What is not installed here is, where it is recorded.
    const shown = terminal.shown
      .replace(/^Wrote .*\n/m, '$&Running npm install …\n')
      .replace(/^ {2}npm install\n/m, '');
    await expectRecorded('init', 'npx matrix-auth-machine init echo --server example.org', shown);
  });

  test('login by OAuth 2.0', async () => {
    const { homeserver, file } = await signedUpBot({ pollIntervalMs: 100 });
    const args = [join(root, 'src/cli/main.ts'), 'login', homeserver.url];
    const terminal = startInTerminal(args, dirname(file));
    await terminal.shows(/Waiting until it is approved/);
    homeserver.oauth.approve('@echo:example.org');
    expect(await terminal.ended).toBe(0);
    // A picture of one link, for all of them.
    const shown = terminal.shown.replace(/( {2}[ ▀▄█]+\n)+/, '  (the link as a QR code)\n');
    await expectRecorded('login-oauth', 'npx matrix-auth-machine login example.org', shown);
  });

  test('login', async () => {
    const { homeserver, user, file } = await signedUpBot();
    const terminal = startInTerminal([join(root, 'src/cli/main.ts'), 'login', homeserver.url], dirname(file));
    await terminal.shows(/^User name: $/m);
    terminal.type(`${user.localpart}\r`);
    await terminal.shows(/\(not shown\): $/m);
    terminal.type(`${user.password}\r`);
    expect(await terminal.ended).toBe(0);
    await expectRecorded('login', 'npx matrix-auth-machine login example.org', terminal.shown);
  });
});

test('doctor, of a token and nothing else', async () => {
  const { homeserver, user } = await signedUpBot();
  const { tokens } = await Person.signIn(homeserver.url, user);
  const env = { HOMESERVER_URL: homeserver.url, ACCESS_TOKEN: tokens.access_token };
  const { stdout } = await runCliProcess(['doctor'], { env });
  await expectRecorded('doctor-token', 'npx matrix-auth-machine doctor', stdout);
});

test('doctor, of a stored session', async () => {
  const { homeserver, user, file } = await signedUpBot();
  const auth = createMatrixAuth({
    homeserver: homeserver.url,
    credentials: credentials({ username: user.localpart, password: user.password }),
    sessions: sqliteSessions(file),
    logger: false,
  });
  await auth.start();
  await auth.stop();
  const env = { HOMESERVER_URL: homeserver.url };
  const { stdout } = await runCliProcess(['doctor', '--store', file], { env });
  await expectRecorded('doctor-store', 'npx matrix-auth-machine doctor --store bot.db', stdout);
});

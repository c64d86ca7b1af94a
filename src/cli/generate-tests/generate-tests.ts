import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { authPathPlans } from '../../testing/index.ts';
import { UsageError } from '../errors.ts';
import { cannotUse, writeOutput } from '../output-file.ts';
import { driverFile } from './driver-file.ts';
import { MARK, planFile } from './plan-file.ts';
import { listOf } from './list.ts';

export interface GenerateTestsOptions {
  readonly out: string;
  readonly list?: true;
  readonly json?: true;
}

/**
 * Prints the plans, or writes them as tests.
 * @throws {UsageError} if the options contradict each other, or the name is no test file's
 * @throws {UsageError} if a file of another origin is in the way, or nothing can be written
 */
export async function generateTests({ out, list, json }: GenerateTestsOptions): Promise<void> {
  if (json && !list) throw new UsageError('--json is for --list. Run generate-tests --list --json.');
  if (list) {
    process.stdout.write(json ? `${JSON.stringify(authPathPlans, undefined, 2)}\n` : listOf(authPathPlans));
    return;
  }
  const { driver, specifier } = driverOf(out);
  const present = await contentOf(out);
  if (present !== undefined && !present.includes(MARK)) {
    throw new UsageError(
      `--out: ${out} is there already, and generate-tests did not write it, so it is left alone. Choose another file with --out, or move it away.`,
    );
  }
  await writeOutput('--out', out, planFile(authPathPlans, { driver: basename(driver), specifier }));
  process.stdout.write(`Wrote ${out}: ${authPathPlans.length} tests.\n`);
  if ((await contentOf(driver)) === undefined) {
    await writeOutput('--out', driver, driverFile(basename(out)));
    process.stdout.write(`Wrote ${driver}: put in how your bot is started, then run npx vitest run ${out}\n`);
  } else {
    process.stdout.write(`Kept ${driver}, which is yours.\n`);
  }
}

/** The file that starts the bot, and how the test file imports it. */
function driverOf(out: string): { driver: string; specifier: string } {
  const parts = /^(?<name>.+)\.(?:test|spec)\.(?<extension>[cm]?[jt]s)$/.exec(basename(out))?.groups;
  const { name, extension } = parts ?? {};
  if (name === undefined || extension === undefined || extension.startsWith('c')) {
    throw new UsageError(
      `--out is "${out}": give a name that Vitest takes for an ES module with tests, such as test/auth-paths.test.ts.`,
    );
  }
  // TypeScript and Vite both know that the source of a .js may be a .ts.
  const specifier = `./${name}.bot.${extension.replace('ts', 'js')}`;
  return { driver: join(dirname(out), `${name}.bot.${extension}`), specifier };
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cannotUse('--out', file, error);
  }
}

// `npm run mutation`: breaks the code in one place at a time and sees whether a test notices. `npm run mutation -- fetch`
// does one part, and `npm run mutation -- fetch src/adapters/fetch/gate.ts:40-60` these lines of it. Every mutant that
// lives is either killed by a better test or explained in survivors.ts.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installOwnPackage } from '../../tools/own-package.ts';
import { root } from '../../tools/root.ts';
import { SHARED_POSTGRES, startPostgres } from '../support/postgres.ts';
import { type Part, parts } from './parts.ts';
import { type Explained, explained } from './survivors.ts';

/** What is used of Stryker, which is installed by the first run only. */
interface Mutant {
  readonly fileName: string;
  readonly status: string;
  readonly replacement: string;
  /** Lines and columns count from 1. */
  readonly location: Record<'start' | 'end', { readonly line: number; readonly column: number }>;
}
type Stryker = new (options: Readonly<Record<string, unknown>>) => { runMutationTest(): Promise<Mutant[]> };

await installOwnPackage('tools/mutation');
const core = join(root, 'tools/mutation/node_modules/@stryker-mutator/core/dist/src/index.js');
const { Stryker }: { Stryker: Stryker } = await import(pathToFileURL(core).href);

const found = new Set(['Killed', 'Timeout']);
const counted = new Set([...found, 'Survived', 'NoCoverage']);

async function mutate(name: string, { mutate, tests, testTimeoutMs = 60_000 }: Part): Promise<Mutant[]> {
  // The workers' Vitest configuration reads them.
  process.env['MUTATION_TESTS'] = tests.join(' ');
  process.env['MUTATION_TEST_TIMEOUT'] = String(testTimeoutMs);
  return await new Stryker({
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner', './test/mutation/prose.mjs'],
    ignorers: ['prose'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    mutate: [...mutate],
    coverageAnalysis: 'perTest',
    // It would have a TypeScript API read it that TypeScript 7 does not have; nothing here needs it.
    tsconfigFile: 'none',
    tempDirName: 'node_modules/.stryker-tmp',
    ignorePatterns: ['dist', 'docs/pictures', 'reports'],
    reporters: ['progress-append-only', 'json', 'html'],
    jsonReporter: { fileName: `reports/mutation/${name}.json` },
    htmlReporter: { fileName: `reports/mutation/${name}.html` },
    allowConsoleColors: false,
    concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? 2),
  }).runMutationTest();
}

/** One for all of the workers: they inherit where it is, and their sandbox could not start one. */
async function onPostgres(name: string, part: Part): Promise<Mutant[]> {
  const { connectionString, stop } = await startPostgres();
  process.env[SHARED_POSTGRES] = connectionString;
  try {
    return await mutate(name, part);
  } finally {
    await stop();
  }
}

/** The text that a mutant replaces, in one line. */
function codeOf({ fileName, location: { start, end } }: Mutant): string {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return lines.join('\n').replaceAll(/\s+/g, ' ');
}

const explanationOf = (mutant: Mutant): Explained | undefined =>
  explained.find(
    ({ file, code, mutant: replaced }) =>
      file === relative(root, mutant.fileName) &&
      code === codeOf(mutant) &&
      replaced === mutant.replacement.replaceAll(/\s+/g, ' '),
  );

async function main(names: readonly string[], files: readonly string[]): Promise<void> {
  const lines: string[] = [];
  for (const name of names) {
    const whole = parts[name];
    if (whole === undefined)
      throw new Error(`There is no part "${name}", but ${Object.keys(parts).join(', ')}.`);
    const part = files.length === 0 ? whole : { ...whole, mutate: files };
    const mutants = (await (part.postgres ? onPostgres : mutate)(name, part)).filter(({ status }) =>
      counted.has(status),
    );
    const lived = mutants.filter(({ status }) => !found.has(status));
    const unexplained = lived.filter((mutant) => explanationOf(mutant) === undefined);
    for (const mutant of unexplained) {
      const { fileName, location, replacement } = mutant;
      lines.push(
        `${relative(root, fileName)}:${location.start.line}:${location.start.column} lives: ${codeOf(mutant)} -> ${replacement.replaceAll(/\s+/g, ' ')}`,
      );
    }
    const inFiles = new Set(mutants.map(({ fileName }) => relative(root, fileName)));
    const needed = new Set(lived.map(explanationOf));
    for (const explanation of explained) {
      if (files.length > 0 || !inFiles.has(explanation.file) || needed.has(explanation)) continue;
      const { file, code, mutant } = explanation;
      lines.push(`${file}: survivors.ts explains ${code} -> ${mutant}, and it does not live.`);
    }
    const score = (100 * (mutants.length - lived.length)) / mutants.length;
    const enough = score >= part.atLeast && unexplained.length === 0;
    if (!enough) process.exitCode = 1;
    lines.push(
      `${enough ? 'ok    ' : 'FAILED'} ${name}: ${mutants.length} mutants, ${lived.length} live (${lived.length - unexplained.length} explained), ${score.toFixed(1)} % found, ${part.atLeast} % wanted.`,
    );
  }
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

process.chdir(join(root));
const given = process.argv.slice(2);
const names = given.filter((argument) => !argument.includes('/'));
await main(
  names.length === 0 ? Object.keys(parts) : names,
  given.filter((argument) => argument.includes('/')),
);

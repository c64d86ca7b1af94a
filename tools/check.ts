// `npm run check`: everything that can be said about the code without running it.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBudgets } from './budgets/check.ts';
import { run } from './child.ts';
import { installOnNode24 } from './own-package.ts';
import { packInto } from './pack.ts';

interface Result {
  readonly ok: boolean;
  readonly output: string;
}

interface Check {
  readonly name: string;
  readonly run: () => Promise<Result>;
}

interface Failure {
  readonly name: string;
  readonly output: string;
}

const checks: readonly Check[] = [
  { name: 'package', run: checkPackage },
  { name: 'lint', run: () => run('oxlint', ['--type-aware', '--deny-warnings']) },
  { name: 'types', run: () => run('tsc', ['--noEmit']) },
  {
    name: 'dead code',
    run: () => run('knip', ['-t', 'tsconfig.build.json', '--no-progress']),
  },
  { name: 'budgets', run: checkBudgets },
  { name: 'format', run: () => run('biome', ['format', '.']) },
];

/** What would be published, as its users' package managers, bundlers and compilers see it. */
async function checkPackage(): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-check-'));
  try {
    const tarball = await packInto(directory);
    const results = [
      await run('publint', ['run', tarball, '--strict']),
      await run('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color']),
    ];
    return {
      ok: results.every(({ ok }) => ok),
      output: results
        .filter(({ ok }) => !ok)
        .map(({ output }) => output)
        .join('\n'),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function perform(check: Check): Promise<Failure | undefined> {
  const started = performance.now();
  const { ok, output } = await check.run().catch((error: unknown) => ({
    ok: false,
    output: error instanceof Error ? error.message : String(error),
  }));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${check.name.padEnd(10)} ${seconds.padStart(6)} s`);
  return ok ? undefined : { name: check.name, output };
}

await installOnNode24();
const waiting = [...checks];
const failures: Failure[] = [];

async function worker(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const failure = await perform(check);
    if (failure !== undefined) failures.push(failure);
  }
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));

for (const { name, output } of failures) console.log(`\n---- ${name} ----\n${output.trimEnd()}`);
console.log(
  failures.length === 0
    ? `\nAll ${checks.length} checks passed.`
    : `\n${failures.length} of ${checks.length} checks failed: ${failures.map(({ name }) => name).join(', ')}.`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

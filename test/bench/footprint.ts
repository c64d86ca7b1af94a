import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { foreignModules, modulesLoadedBy } from '../../tools/budgets/loaded.ts';
import { sizeOf } from '../../tools/budgets/size.ts';
import { run } from '../../tools/child.ts';
import { root } from '../../tools/root.ts';
import { compare, type Row } from './measure.ts';

const RUNS = 21;

const execute = promisify(execFile);

/** What it costs to load the package, and what is loaded. */
export async function footprint(): Promise<Row[]> {
  const { ok, output } = await run('node', ['tools/build.ts']);
  if (!ok) throw new Error(output);
  const entry = join(root, 'dist', 'index.js');
  const { subjectMs: ms, referenceMs: xstate } = await compare(
    RUNS,
    () => importMs(pathToFileURL(entry).href),
    () => importMs('xstate'),
  );
  const loaded = await modulesLoadedBy(entry);
  const foreign = foreignModules(loaded).map((url) => relative(root, url));
  const core = (await sizeOf('createMatrixAuth', 'src/index.ts')).gzipped / 1_000;
  const machine = (await sizeOf('authMachine', 'src/machines/index.ts')).gzipped / 1_000;
  const others = foreign.length === 0 ? 'no SDK, no database, no page' : foreign.join(', ');
  return [
    {
      what: "`import 'matrix-auth-machine'`, in a new process",
      result: `${ms.toFixed(0)} ms, of which xstate ${xstate.toFixed(0)}; ${loaded.length} modules: ${others}`,
      reach: '≤ 40 ms; no SDK, no store, no page',
      reached: ms <= 40 && foreign.length === 0,
      runs: String(RUNS),
      figures: { ms, xstate, modules: loaded.length, foreign: foreign.length },
    },
    {
      what: 'Size of `createMatrixAuth`, minified and gzipped, without xstate',
      result: `${core.toFixed(1)} kB, of which the machine is ${machine.toFixed(1)} kB`,
      reach: '≤ 12 kB',
      reached: core <= 12,
      runs: '1',
      figures: { core, machine },
    },
  ];
}

/** How long a new process takes to import it, in ms. */
async function importMs(specifier: string): Promise<number> {
  const script = `const at = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - at);`;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
  });
  return Number(stdout);
}

// `.ci/run` after `npm ci`. Its arguments are how many seconds have gone by before it, and the commands: the check, the
// tests, and the long form of the tests, of which it runs what there is time for. The last line is "N passed, M failed"
// over all of that, a check that failed counted in; the lines before it name what was skipped, and then what failed:
// a log that is cut keeps its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toolEnvironment } from './child.ts';
import { root } from './root.ts';
import { NO_TEST_AFTER } from '../test/support/no-test-after.ts';
import { countsIn, lineOf } from './tally.ts';

/** When the last test is begun, counted from the start of `.ci/run`: what is begun by then has ended by 30 minutes. */
const LAST_TEST_MS = 25 * 60_000;

const [secondsGone = '0', check = '', test = '', longTest = ''] = process.argv.slice(2);
const begunAt = Date.now() - 1_000 * Number(secondsGone);

interface Ended {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a command, whose output goes to the terminal as it comes, and into the result. */
async function run(command: string, environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  console.log(`\n---- ${command} ----`);
  const child = spawn(command, {
    shell: true,
    cwd: root,
    env: { ...toolEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    output += text;
  });
  const [code] = await once(child, 'close');
  return { ok: code === 0, output };
}

const checked = await run(check);
const lastTest = String(begunAt + LAST_TEST_MS);
const runs = [await run(test), await run(longTest, { [NO_TEST_AFTER]: lastTest })];

let passed = 0;
let failed = checked.ok ? 0 : 1;
const skipped: string[] = [];
const failures: string[] = checked.ok ? [] : [`FAILED: ${check}`];
for (const { ok, output } of runs) {
  const counts = countsIn(output);
  passed += counts?.passed ?? 0;
  // One that says nothing of a failure and ends with one has failed as a whole.
  failed += Math.max(counts?.failed ?? 0, ok ? 0 : 1);
  const lines = output.split('\n');
  skipped.push(...lines.filter((line) => line.startsWith('Skipped: ')));
  failures.push(...lines.filter((line) => line.startsWith('FAILED: ')));
}

console.log('\n---- all of it ----');
for (const line of [...skipped, ...failures]) console.log(line);
console.log(lineOf({ passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;

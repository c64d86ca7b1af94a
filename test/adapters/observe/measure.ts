// `node test/adapters/observe/measure.ts`: what it costs a bot to be watched, for each transition of its machine.
// Prints; is no test. The transitions are replayed, as to work them out takes twenty times as long as to watch them,
// and scatters by more. `--count` counts instructions instead of time, by valgrind (a package of Debian): slow, and the
// same each time, whatever else the computer does.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Observable, observe, serveAuthPage } from '../../../src/adapters/observe/index.ts';
import { replay } from './replayed.ts';

const ways: Readonly<Record<string, (auth: Observable) => unknown>> = {
  'not watched': () => undefined,
  observed: (auth) => observe(auth),
  'with the page open': openPage,
  'with a listener for each frame': (auth) => observe(auth).subscribe(() => undefined),
};

const PER_SECOND = 10_000;
const SESSIONS = Number(process.env['SESSIONS'] ?? 1_000);
/** A page is told what has happened about six times a second, when that much happens. */
const BURST = 0.16 * PER_SECOND;

async function openPage(auth: Observable): Promise<void> {
  const page = await serveAuthPage(observe(auth));
  // In a process of its own, as a browser is.
  const viewer = spawn(process.execPath, [
    '-e',
    `fetch('${new URL('/events?bot=bot', page.url).href}').then(async ({ body }) => {
      for await (const part of body) process.stdout.write(String(part.length) + ' ');
    });`,
  ]);
  process.once('exit', () => viewer.kill());
  await once(viewer.stdout, 'data');
}

/** A process of its own: so many bursts. It prints the processor time of the later half of them, in µs a transition. */
async function work(way: string, bursts: number, rest: () => Promise<unknown>): Promise<never> {
  const replayed = replay(SESSIONS);
  await ways[way]?.(replayed);
  let before = process.cpuUsage();
  for (let burst = 0; burst < bursts; burst += 1) {
    if (burst === bursts / 2) before = process.cpuUsage();
    for (let count = 0; count < BURST; count += 1) replayed.next();
    await rest();
  }
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / ((BURST * bursts) / 2));
  process.exit();
}

const run = promisify(execFile);
const script = fileURLToPath(import.meta.url);

async function timed(way: string): Promise<number> {
  const { stdout } = await run(process.execPath, [script, way, '40', 'rests']);
  return Number(stdout);
}

/** Instructions of a transition, once all is compiled: what more of them take. */
async function counted(way: string): Promise<number> {
  const count = async (bursts: number) => {
    const tool = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];
    const node = ['--smc-check=all-non-file', process.execPath, '--single-threaded'];
    const { stderr } = await run('valgrind', [...tool, ...node, script, way, String(bursts)]);
    const [, instructions = ''] = /I +refs: +([\d,]+)/.exec(stderr) ?? [];
    return Number(instructions.replaceAll(',', ''));
  };
  return ((await count(72)) - (await count(12))) / (60 * BURST);
}

const [way = '', bursts, rests] = process.argv.slice(2);
// Under valgrind a burst takes so long that a page is to be told at once.
if (way in ways) await work(way, Number(bursts), rests === undefined ? turn : () => sleep(165));

const counting = way === '--count';
const rounds = Array.from({ length: counting ? 1 : 9 });
const costs = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
for (const _ of rounds) {
  for (const [name, found] of costs) found.push(counting ? await counted(name) : await timed(name));
}
let base: number | undefined;
for (const [name, found] of costs) {
  const sorted = found.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  base ??= median;
  const more = median - base;
  console.log(
    counting
      ? `${name}: ${median.toFixed(0)} instructions (${more.toFixed(0)} more)`
      : `${name}: ${median.toFixed(2)} µs (${sorted[0]?.toFixed(2)} to ${sorted.at(-1)?.toFixed(2)}); ${((more * PER_SECOND) / 1e4).toFixed(1)} % of a core at ${PER_SECOND} a second`,
  );
}

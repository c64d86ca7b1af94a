// `node test/observe/measure.ts`: what it costs a bot to be watched. Prints; is no test.
// A profile tells what part of its time a busy machine spends in the code that watches it. A part stays the same where
// the computer is fast now and slow then; two clocked runs differ by more than there is to be seen.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { observe } from '../../src/observe/index.ts';
import { serveAuthPage } from '../../src/page/index.ts';
import { drive } from './driven.ts';

type Driven = ReturnType<typeof drive>;

const ways: Readonly<Record<string, (driven: Driven) => unknown>> = {
  'not watched': () => undefined,
  observed: (driven) => observe(driven),
  'with the page open': openPage,
  'with a listener for each frame': (driven) => observe(driven).subscribe(() => undefined),
};

const PER_SECOND = 10_000;
const BURSTS = 60;
/** A page is told what has happened about six times a second, when that much happens. */
const BURST = 0.16 * PER_SECOND;

async function openPage(driven: Driven): Promise<void> {
  const page = await serveAuthPage(observe(driven));
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

/** What a process found of itself. */
interface Found {
  /** How long a transition took, in µs. */
  readonly tookUs: number;
  /** In % of that: the time in which it was watched, and in which the garbage collector ran. */
  readonly watching: number;
  readonly collecting: number;
}

/** A process of its own, which prints what it found. */
async function work(way: string): Promise<never> {
  const driven = drive();
  driven.signIn();
  await ways[way]?.(driven);
  const transitions = async (bursts: number) => {
    for (let burst = 0; burst < bursts; burst += 1) {
      // Half of them go one way, half of them back.
      for (let pair = 0; pair < BURST / 2; pair += 1) driven.signIn();
      await sleep(165);
    }
  };
  // The first are for the compiler.
  await transitions(16);
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 100 });
  await session.post('Profiler.start');
  await transitions(BURSTS);
  const { profile } = await session.post('Profiler.stop');
  console.log(JSON.stringify(partsOf(profile)));
  process.exit();
}

/** A profile is a tree of calls; what is called by code that watches, watches. */
function partsOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Found {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const kinds = new Map<number, keyof typeof spent>();
  const spent = { idle: 0, collecting: 0, watching: 0, own: 0 };
  const mark = (id: number, above: 'watching' | 'own') => {
    const { callFrame, children = [] } = byId.get(id) as Profiler.ProfileNode;
    const { functionName, url } = callFrame;
    // `tell…` are those of `watchEvents`; what else is in its file only notes the event, with all of the machine below.
    const kind =
      url.includes('/src/adapters/observe/') || functionName.startsWith('tell') ? 'watching' : above;
    const special = { '(idle)': 'idle', '(garbage collector)': 'collecting' } as const;
    kinds.set(id, special[functionName as keyof typeof special] ?? kind);
    for (const child of children) mark(child, kind);
  };
  // The first is the root.
  mark((nodes[0] as Profiler.ProfileNode).id, 'own');
  for (const [index, id] of samples.entries()) spent[kinds.get(id) ?? 'own'] += timeDeltas[index] ?? 0;
  const busy = spent.collecting + spent.watching + spent.own;
  return {
    tookUs: busy / (BURSTS * BURST),
    watching: (100 * spent.watching) / busy,
    collecting: (100 * spent.collecting) / busy,
  };
}

const [way = ''] = process.argv.slice(2);
if (way in ways) await work(way);

const run = promisify(execFile);
const rounds = new Map<string, Found[]>(Object.keys(ways).map((name) => [name, []]));
for (let round = 0; round < Number(process.env['ROUNDS'] ?? 5); round += 1) {
  for (const [name, all] of rounds) {
    const { stdout } = await run(process.execPath, [fileURLToPath(import.meta.url), name]);
    all.push(JSON.parse(stdout) as Found);
  }
}
for (const [name, all] of rounds) {
  const spread = (of: keyof Found) => {
    const sorted = all.map((found) => found[of]).toSorted((a, b) => a - b);
    const [least, median, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
    return `${median?.toFixed(1)} (${least?.toFixed(1)} to ${most?.toFixed(1)})`;
  };
  console.log(
    `${name}: ${spread('tookUs')} µs a transition; in % of it: watching ${spread('watching')}, the garbage collector ${spread('collecting')}`,
  );
}

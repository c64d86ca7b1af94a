// `node test/adapters/observe/measure.ts`: what it costs a bot to be watched, for each transition of its machine.
// All take turns, and the quickest turns of each count: the computer may be busy with other things. Prints; is no test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { observe, serveAuthPage } from '../../../src/adapters/observe/index.ts';
import { drive } from './driven.ts';

const TRANSITIONS = 10_000;
const ROUNDS = Number(process.env['ROUNDS'] ?? 60);

/** Processor time for each transition, in µs. Half of them go one way, half of them back. */
async function costOf(driven: ReturnType<typeof drive>): Promise<number> {
  const before = process.cpuUsage();
  for (let count = 0; count < TRANSITIONS / 2; count += 1) {
    driven.signIn();
    // Ten times as often as at 10,000 a second, so that viewers are told no less than then.
    if (count % 500 === 499) await sleep(1);
  }
  // Until the viewers were told the last.
  await sleep(200);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / TRANSITIONS;
}

function signedIn(): ReturnType<typeof drive> {
  const driven = drive();
  driven.signIn();
  return driven;
}

const observed = signedIn();
observe(observed);
const listened = signedIn();
let frames = 0;
observe(listened).subscribe(() => {
  frames += 1;
});
const watched = signedIn();
const page = await serveAuthPage(observe(watched));
// In a process of its own, as a browser is.
const viewer = spawn(process.execPath, [
  '-e',
  `fetch('${new URL('/events?bot=bot', page.url).href}').then(async ({ body }) => {
    for await (const part of body) process.stdout.write(String(part.length) + ' ');
  });`,
]);
await once(viewer.stdout, 'data');
let told = 0;
viewer.stdout.on('data', () => {
  told += 1;
});

const all = {
  'not watched': signedIn(),
  'not watched, once more': signedIn(),
  observed,
  'observed, with a listener for each frame': listened,
  'observed, with the page open': watched,
};
const costs = new Map<string, number[]>();
// The first round is for the compiler.
for (const driven of Object.values(all)) await costOf(driven);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [what, driven] of Object.entries(all)) {
    costs.set(what, [...(costs.get(what) ?? []), await costOf(driven)]);
  }
}
const quick = (what: string) => {
  const sorted = (costs.get(what) ?? []).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 10)] ?? 0;
};
const base = quick('not watched');
for (const what of costs.keys()) {
  const more = quick(what) - base;
  // 10,000 transitions a second take 10,000 × `more` µs of each second.
  console.log(
    `${what}: ${quick(what).toFixed(2)} µs a transition (+${more.toFixed(2)}, ${more.toFixed(1)} % of a core at 10,000 a second)`,
  );
}
console.log(`${frames} frames to the listener; the viewer was told ${told} times`);
viewer.kill();
await page.close();
process.exit();

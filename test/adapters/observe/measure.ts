// `node test/adapters/observe/measure.ts`: what it costs a bot to be watched while its machine makes 10,000
// transitions a second. Each round does all in turn, each for a second, and is compared with itself; the median of the
// rounds counts, for the machine may be busy with other things. Prints; is no test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { observe, serveAuthPage } from '../../../src/adapters/observe/index.ts';
import { drive } from './driven.ts';

const PER_SECOND = 10_000;
const TICK_MS = 10;
const ROUNDS = Number(process.env['ROUNDS'] ?? 20);

/** Processor time of one second with so many transitions, in ms: half of them go one way, half of them back. */
async function secondOf(driven: ReturnType<typeof drive>): Promise<number> {
  const before = process.cpuUsage();
  const start = performance.now();
  let made = 0;
  while (made < PER_SECOND) {
    const due = Math.min(PER_SECOND, ((performance.now() - start) / 1000) * PER_SECOND);
    for (; made < due; made += 2) driven.signIn();
    await sleep(TICK_MS);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function signedIn(): ReturnType<typeof drive> {
  const driven = drive();
  driven.signIn();
  return driven;
}

const bare = signedIn();
const inspected = signedIn();
inspected.actor.system.inspect(() => undefined);
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

const all = { bare, inspected, observed, listened, watched };
const costs = new Map<string, number[]>();
for (let round = -1; round < ROUNDS; round += 1) {
  let base = 0;
  for (const [what, driven] of Object.entries(all)) {
    const took = await secondOf(driven);
    if (driven === bare) base = took;
    // The first round is for the compiler.
    if (round >= 0) costs.set(what, [...(costs.get(what) ?? []), driven === bare ? took : took - base]);
  }
}
const words: Readonly<Record<keyof typeof all, string>> = {
  bare: 'the machine itself',
  inspected: 'inspected by XState, for nobody',
  observed: 'observed',
  listened: 'observed, with a listener for each frame',
  watched: 'observed, with the page open',
};
for (const [what, each] of costs) {
  const sorted = each.toSorted((a, b) => a - b);
  const at = (share: number) => ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 10).toFixed(1);
  const more = what === 'bare' ? '' : '+';
  console.log(
    `${words[what as keyof typeof all]}: ${more}${at(0.5)} % of a core (half of the rounds: ${at(0.25)} to ${at(0.75)})`,
  );
}
console.log(`${frames} frames to the listener`);
viewer.kill();
await page.close();
process.exit();

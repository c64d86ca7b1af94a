// `node test/adapters/observe/measure.ts`: what it costs a bot to be watched, for each transition of its machine.
// Runs alternate, and the least of each counts: the machine may be busy with other things. Prints; is no test.
import { observe, serveAuthPage } from '../../../src/adapters/observe/index.ts';
import { drive } from './driven.ts';
import { view } from './page/viewer.ts';

const TRANSITIONS = 10_000;
const ROUNDS = Number(process.env['ROUNDS'] ?? 30);

const least = new Map<string, number>();

/** User time for each transition, in µs. Half of them go one way, half of them back. */
async function measure(what: string, driven: ReturnType<typeof drive>): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  const before = process.cpuUsage();
  for (let count = 0; count < TRANSITIONS / 2; count += 1) {
    driven.signIn();
  }
  await new Promise((resolve) => {
    setTimeout(resolve, 60);
  });
  const each = process.cpuUsage(before).user / TRANSITIONS;
  least.set(what, Math.min(least.get(what) ?? Number.POSITIVE_INFINITY, each));
}

const bare = drive();
bare.signIn();
const inspected = drive();
inspected.signIn();
inspected.actor.system.inspect(() => undefined);
const observed = drive();
observed.signIn();
observe(observed);
const listened = drive();
listened.signIn();
let frames = 0;
observe(listened).subscribe(() => {
  frames += 1;
});
const watched = drive();
watched.signIn();
const page = await serveAuthPage(observe(watched));
const viewer = await view(page, '/events?bot=bot');

for (let round = 0; round < ROUNDS; round += 1) {
  await measure('not observed', bare);
  await measure('inspected by nobody in particular', inspected);
  await measure('observed', observed);
  await measure('observed, with a listener', listened);
  await measure('observed, with the page open', watched);
}
const base = least.get('not observed') ?? 0;
for (const [what, each] of least) {
  const more = each - base;
  // 10,000 frames a second take 10,000 × `more` µs of each second.
  console.log(
    `${what}: ${each.toFixed(2)} µs a transition (+${more.toFixed(2)}, ${more.toFixed(1)} % of a core at 10,000 a second)`,
  );
}
console.log(`${frames} frames, ${viewer.bytes} bytes to the viewer`);
viewer.leave();
await page.close();
process.exit();

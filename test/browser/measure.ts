// `node test/browser/measure.ts [bots] [seconds]`: what the page of a large fleet costs, in the browser and in the
// bots' process, with one transition per bot and minute. Prints a few lines; is no test.
import { observe } from '../../src/observe/index.ts';
import { serveAuthPage } from '../../src/page/index.ts';
import { drive, sessionOf } from '../observe/driven.ts';
import { launchChromium } from './chromium.ts';

const [, , bots = '1000', seconds = '20'] = process.argv;
const count = Number(bots);
const lastsMs = Number(seconds) * 1000;

const fleet = Array.from({ length: count }, (_, index) => {
  const driven = drive();
  driven.signIn({ userId: `@bot${index + 1}:example.org` });
  return { driven, observer: observe(driven, { name: `bot ${index + 1}` }) };
});
const shown = await serveAuthPage(fleet.map(({ observer }) => observer));
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(shown.url);
await page.waitForSelector(`#bots tr:nth-child(${count})`, { state: 'attached' });
const { paint, filled } = await page.evaluate(
  () =>
    new Promise<{ paint: number; filled: number }>((resolve) => {
      requestAnimationFrame(() => {
        const [first] = performance.getEntriesByName('first-contentful-paint');
        resolve({ paint: first?.startTime ?? 0, filled: performance.now() });
      });
    }),
);
console.log(
  `${count} bots: first paint after ${Math.round(paint)} ms, all rows within ${Math.round(filled)} ms`,
);

const session = await page.context().newCDPSession(page);
await session.send('Performance.enable');
const busySeconds = async () => {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
};
const before = { browser: await busySeconds(), process: process.cpuUsage(), at: performance.now() };
let turn = 0;
const timer = setInterval(() => {
  const { driven } = fleet[turn % count] ?? {};
  if (Math.floor(turn / count) % 2 === 1) driven?.done('connect', { outcome: 'connected' });
  else driven?.event({ type: 'session.adopted', session: sessionOf() } as { type: string });
  turn += 1;
}, 60_000 / count);
await new Promise((resolve) => {
  setTimeout(resolve, lastsMs);
});
clearInterval(timer);
const tookMs = performance.now() - before.at;
const { user, system } = process.cpuUsage(before.process);
const share = (busyMs: number) => `${((100 * busyMs) / tookMs).toFixed(1)} %`;
console.log(
  `${turn} transitions in ${Math.round(tookMs / 1000)} s: the page used ${share(((await busySeconds()) - before.browser) * 1000)} of a core, the process ${share((user + system) / 1000)}`,
);
await browser.close();
await shown.close();
process.exit();

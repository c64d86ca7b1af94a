import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { observe } from '../../src/observe/index.ts';
import { type AuthPage, serveAuthPage } from '../../src/page/index.ts';
import { drive } from '../observe/driven.ts';
import { cli } from './cli.ts';
import { startCli } from './running.ts';

async function serve(bots: Parameters<typeof serveAuthPage>[0], port = 0, token?: string): Promise<AuthPage> {
  const options = { port, logger: { warn() {} }, ...(token === undefined ? {} : { token }) };
  const page = await serveAuthPage(bots, options);
  onTestFinished(() => page.close());
  return page;
}

const detailsIn = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2}/).slice(1, 3).join(' '));

test('where each bot stands, then a line for each transition; 0 at Ctrl-C', async () => {
  const [echo, news] = [drive(), drive()];
  const bots = [observe(echo, { name: 'echo' }), observe(news, { name: 'news' })];
  echo.signIn();
  const page = await serve(bots);
  const watching = startCli(['watch', '--page', page.url]);
  await watching.prints(/echo {2}valid\.scheduled {2}The client is live\n/);
  await watching.prints(/news {2}restoring\.reading/);
  echo.event({ type: 'refresh' });
  await watching.prints(/echo {2}refreshing\.ahead\.exchanging {2}A new token was asked for\n/);
  news.signIn();
  await watching.prints(/news {2}valid\.scheduled/);
  watching.child.kill('SIGINT');
  expect(await watching.ended).toBe(0);
  expect(watching.stderr).toBe('');
  expect(detailsIn(watching.stdout).filter((line) => line.startsWith('news'))).toEqual([
    'news restoring.reading',
    'news reconnecting.verifying',
    'news reconnecting.connecting',
    'news valid.scheduled',
  ]);
});

test('follows any number of bots, and those that come later', async () => {
  const bots = Array.from({ length: 30 }, (_, index) => {
    const driven = drive();
    driven.signIn();
    return { driven, observer: observe(driven, { name: `bot ${index}` }) };
  });
  const page = await serve([]);
  const watching = startCli(['watch', '--page', page.url]);
  await watching.prints(/There is no bot on this page yet\.\n/);
  for (const { observer } of bots) page.add(observer);
  await watching.prints(/(?:.*valid\.scheduled.*\n){30}/);
  for (const { driven } of bots) driven.event({ type: 'refresh' });
  await watching.prints(/(?:.*refreshing\.ahead\.exchanging.*\n){30}/);
  watching.child.kill('SIGINT');
  expect(await watching.ended).toBe(0);
  const each = (detail: string) => bots.map((_, index) => `bot ${index} ${detail}`);
  expect(detailsIn(watching.stdout).toSorted()).toEqual(
    [...each('valid.scheduled'), ...each('refreshing.ahead.exchanging')].toSorted(),
  );
});

test('comes back by itself, tells what is new and nothing twice; --json is an object a line', async () => {
  const echo = drive();
  echo.signIn();
  const observer = observe(echo, { name: 'echo' });
  const page = await serve(observer);
  const watching = startCli(['watch', '--page', page.url, '--json', '--bot', 'echo']);
  await watching.prints(/valid\.scheduled/);
  await page.close();
  await watching.prints(/was lost\. Trying to reach it again/);
  echo.event({ type: 'refresh' });
  const port = Number(new URL(page.url).port);
  const second = await serve(observer, port);
  await watching.prints(/refreshing\.ahead\.exchanging/);
  expect(watching.stderr).toContain('is back.');

  // Another process: its frames are counted from the beginning.
  await second.close();
  await watching.prints(/was lost[\s\S]*was lost/);
  const again = drive();
  const anew = observe(again, { name: 'echo' });
  again.signIn();
  await serve(anew, port);
  await watching.prints(/(?:"detail":"valid\.scheduled"[\s\S]*){2}/);
  watching.child.kill('SIGTERM');
  expect(await watching.ended).toBe(0);
  const lines = watching.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { bot: string; detail: string; cause: string });
  expect(lines.map(({ bot, detail }) => `${bot} ${detail}`)).toEqual([
    'echo valid.scheduled',
    'echo refreshing.ahead.exchanging',
    'echo restoring.reading',
    'echo reconnecting.verifying',
    'echo reconnecting.connecting',
    'echo valid.scheduled',
  ]);
});

test('ends with 2 when it cannot begin, and when the page wants another token from now on', async () => {
  const echo = drive();
  const token = `canary-at-${'t'.repeat(24)}`;
  const page = await serve(observe(echo, { name: 'echo' }), 0, token);
  expect((await cli('watch', '--page', page.url)).code).toBe(2);
  const watching = startCli(['watch', '--page', page.url], { env: { AUTH_PAGE_TOKEN: token } });
  await watching.prints(/restoring\.reading/);
  await page.close();
  await serve(observe(echo, { name: 'echo' }), Number(new URL(page.url).port), `${token}-2`);
  expect(await watching.ended).toBe(2);
  expect(watching.stderr).toContain('refuses the token');
  expect(watching.stdout + watching.stderr).not.toContain(token);
});

test('ends with 0 when nobody reads any more', async () => {
  const echo = drive();
  const page = await serve(observe(echo, { name: 'echo' }));
  const watching = startCli(['watch', '--page', page.url]);
  await watching.prints(/restoring\.reading/);
  watching.child.stdout.destroy();
  // A pipe takes a write or two before it is known to be closed.
  for (let running = true; running; ) {
    echo.signIn();
    running = await Promise.race([watching.ended.then(() => false), wait(50, true)]);
  }
  expect(await watching.ended).toBe(0);
});

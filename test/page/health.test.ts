import { afterEach, expect, test } from 'vitest';
import { observe } from '../../src/observe/index.ts';
import { type AuthPage, type Bot, serveAuthPage } from '../../src/page/index.ts';
import { drive } from '../observe/driven.ts';
import { ask } from './ask.ts';

const open: AuthPage[] = [];
afterEach(async () => {
  for (const page of open.splice(0)) await page.close();
});

async function serve(bots: readonly Bot[]): Promise<AuthPage> {
  const page = await serveAuthPage(bots);
  open.push(page);
  return page;
}

test('/healthz says that the process lives, whatever the sessions are', async () => {
  const failed = drive();
  failed.done('restore', { outcome: 'empty', canLogIn: false });
  expect(await ask(await serve([failed]), '/healthz')).toMatchObject({
    status: 200,
    body: '{"alive":true}\n',
  });
});

test('/readyz is 200 only while every session is usable', async () => {
  const one = drive();
  const two = drive();
  const page = await serve([observe(one, { name: 'one' }), observe(two, { name: 'two' })]);
  one.signIn();
  const before = await ask(page, '/readyz');
  expect(before.status).toBe(503);
  expect(JSON.parse(before.body)).toEqual({
    ready: false,
    bots: [
      { name: 'one', usable: true, state: 'valid', detail: 'valid.scheduled' },
      { name: 'two', usable: false, state: 'restoring', detail: 'restoring.reading' },
    ],
  });
  two.signIn();
  expect((await ask(page, '/readyz')).status).toBe(200);
  // The old token still serves.
  two.event({ type: 'refresh' });
  expect((await ask(page, '/readyz')).status).toBe(200);
  one.event({ type: 'stop' });
  expect((await ask(page, '/readyz')).status).toBe(503);
});

test('/readyz is 503 while there is no bot, and says why one has failed', async () => {
  const page = await serve([]);
  expect((await ask(page, '/readyz')).status).toBe(503);
  const failed = drive();
  failed.done('restore', { outcome: 'empty', canLogIn: false });
  page.add(failed);
  expect(JSON.parse((await ask(page, '/readyz')).body).bots).toMatchObject([{ reason: 'no-credentials' }]);
});

test('/frames has every bot as it stands now, and of one its kept frames', async () => {
  const one = drive();
  const page = await serve([observe(one, { name: 'one', keep: 2 }), drive()]);
  one.signIn();
  const all = JSON.parse((await ask(page, '/frames')).body);
  expect(all.bots.map(({ id, now }: { id: string; now: { state: string } }) => [id, now.state])).toEqual([
    ['bot', 'restoring'],
    ['one', 'valid'],
  ]);
  const { bots } = JSON.parse((await ask(page, '/frames?bot=one')).body);
  expect(bots[0].frames.map(({ detail }: { detail: string }) => detail)).toEqual([
    'reconnecting.connecting',
    'valid.scheduled',
  ]);
});

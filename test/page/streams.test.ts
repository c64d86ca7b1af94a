import { afterEach, describe, expect, test } from 'vitest';
import { type Frame, type Observer, observe } from '../../src/observe/index.ts';
import { type AuthPage, type AuthPageOptions, type Bot, serveAuthPage } from '../../src/page/index.ts';
import { drive, sessionOf } from '../observe/driven.ts';
import { ask } from './ask.ts';
import { view, type Viewer } from './viewer.ts';

const open: AuthPage[] = [];
const viewers: Viewer[] = [];
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.leave();
  for (const page of open.splice(0)) await page.close();
});

async function serve(bots: Bot | readonly Bot[], options: AuthPageOptions = {}) {
  const log: string[] = [];
  const page = await serveAuthPage(bots, { logger: { warn: (line) => log.push(line) }, ...options });
  open.push(page);
  return { page, log };
}

async function watch(page: AuthPage, path: string): Promise<Viewer> {
  const viewer = await view(page, path);
  viewers.push(viewer);
  return viewer;
}

describe('the stream of a bot', () => {
  test('begins with what is kept, and goes on with what happens', async () => {
    const driven = drive();
    driven.signIn();
    const { page } = await serve(observe(driven, { name: 'Echo' }));
    const viewer = await watch(page, '/events?bot=echo');
    const { view: first, visits } = await viewer.next('bot');
    expect(first).toMatchObject({ id: 'echo', tone: 'live', frame: { state: 'valid', bot: 'Echo' } });
    expect(visits.map(({ detail }) => detail)).toEqual(['valid.scheduled']);
    driven.event({ type: 'refresh' });
    const told = await viewer.next('visits');
    expect(told.view).toMatchObject({ tone: 'serving', situation: { toDo: 'Nothing.' } });
    expect(told).toMatchObject({
      missed: 0,
      visits: [
        {
          detail: 'refreshing.ahead.exchanging',
          from: 'valid.scheduled',
          cause: 'A new token was asked for',
        },
      ],
    });
  });

  test('tells of held requests, although no state has changed', async () => {
    const driven = drive();
    const { page } = await serve(observe(driven, { name: 'echo' }));
    const viewer = await watch(page, '/events?bot=echo');
    await viewer.next('bot');
    driven.held = 7;
    expect((await viewer.next('visits')).view.frame.counters.held).toBe(7);
  });

  test('tells of messages that wait to be sent, although no state has changed', async () => {
    const driven = drive();
    const { page } = await serve(observe(driven, { name: 'echo' }));
    const viewer = await watch(page, '/events?bot=echo');
    await viewer.next('bot');
    driven.outgoing = { length: 3, oldestAt: 1_700_000_000_000 };
    expect((await viewer.next('visits')).view.frame.counters).toMatchObject({
      outgoing: 3,
      outgoingSince: 1_700_000_000_000,
    });
  });

  test('tells of messages that have come and gone, although no state has changed', async () => {
    const driven = drive();
    const { page } = await serve(observe(driven, { name: 'echo' }));
    const viewer = await watch(page, '/events?bot=echo');
    expect((await viewer.next('bot')).view.frame.counters).toMatchObject({ received: 0, delivered: 0 });
    driven.received = 5;
    driven.outgoing = { length: 0, oldestAt: undefined, delivered: 4 };
    expect((await viewer.next('visits')).view.frame.counters).toMatchObject({ received: 5, delivered: 4 });
  });

  test('tells what came at once together, and how much of it was too much', async () => {
    const driven = drive();
    driven.signIn();
    const { page } = await serve(observe(driven, { name: 'echo', keep: 50 }));
    const viewer = await watch(page, '/events?bot=echo');
    await viewer.next('bot');
    for (let round = 0; round < 100; round += 1) driven.signIn();
    const { visits, missed, view: last } = await viewer.next('visits');
    expect(visits).toHaveLength(50);
    expect(missed).toBe(150);
    expect(visits.at(-1)?.seq).toBe(last.frame.seq);
  });

  test('ends after one message with "once", for those who only look in', async () => {
    const { page } = await serve(drive());
    const viewer = await watch(page, '/events?bot=bot&once=1');
    await viewer.next('bot');
    await viewer.ended;
  });

  test('shows the end of a stopped session', async () => {
    const driven = drive();
    const { page } = await serve(driven);
    const viewer = await watch(page, '/events?bot=bot');
    await viewer.next('bot');
    driven.event({ type: 'stop' });
    expect((await viewer.next('visits')).view).toMatchObject({ tone: 'off', frame: { state: 'stopped' } });
  });
});

describe('the stream of all visits', () => {
  const visitsOf = (message: { view: { id: string }; visits: readonly { detail: string }[] }) => [
    message.view.id,
    message.visits.map(({ detail }) => detail),
  ];

  test('begins with how each came to where it is, and goes on with all that happens', async () => {
    const [one, two] = [drive(), drive()];
    const bots = [observe(one, { name: 'one' }), observe(two, { name: 'two' })];
    one.signIn();
    const { page } = await serve(bots);
    const viewer = await watch(page, '/events?visits=1');
    const signingIn = ['reconnecting.verifying', 'reconnecting.connecting', 'valid.scheduled'];
    expect(visitsOf(await viewer.next('bot'))).toEqual(['one', ['restoring.reading', ...signingIn]]);
    expect(visitsOf(await viewer.next('bot'))).toEqual(['two', ['restoring.reading']]);
    two.signIn();
    expect(visitsOf(await viewer.next('visits'))).toEqual(['two', signingIn]);
    one.event({ type: 'refresh' });
    expect(visitsOf(await viewer.next('visits'))).toEqual(['one', ['refreshing.ahead.exchanging']]);
  });

  test('has those that come later, also in the place of another', async () => {
    const { page } = await serve([]);
    const viewer = await watch(page, '/events?visits=1');
    await viewer.next('ping');
    const first = drive();
    const leave = page.add(observe(first, { name: 'echo' }));
    expect(visitsOf(await viewer.next('bot'))).toEqual(['echo', ['restoring.reading']]);
    first.signIn();
    await viewer.next('visits');
    leave();
    page.add(observe(drive(), { name: 'echo' }));
    expect(visitsOf(await viewer.next('bot'))).toEqual(['echo', ['restoring.reading']]);
  });

  test('begins with no more than a page of one bot does, but for the last of each', async () => {
    const bots = Array.from({ length: 100 }, (_, index) => {
      const driven = drive();
      const observer = observe(driven, { name: `bot ${index}` });
      driven.signIn();
      return observer;
    });
    const { page } = await serve(bots);
    const viewer = await watch(page, '/events?visits=1');
    for (let index = 0; index < 100; index += 1) {
      expect(visitsOf(await viewer.next('bot'))).toEqual([
        `bot-${index}`,
        ['reconnecting.connecting', 'valid.scheduled'],
      ]);
    }
  });

  test('says how much was too much', async () => {
    const driven = drive();
    driven.signIn();
    const { page } = await serve(observe(driven, { name: 'echo', keep: 50 }));
    const viewer = await watch(page, '/events?visits=1');
    await viewer.next('bot');
    for (let round = 0; round < 100; round += 1) driven.signIn();
    expect(await viewer.next('visits')).toMatchObject({ missed: 150 });
  });
});

describe('the stream of a fleet', () => {
  test('begins with all, and tells of each that changes, comes or goes', async () => {
    const one = drive();
    const two = drive();
    const { page } = await serve([one, observe(two, { name: 'two' })]);
    const viewer = await watch(page, '/events');
    expect((await viewer.next('fleet')).rows.map(({ id, state }) => [id, state])).toEqual([
      ['bot', 'restoring'],
      ['two', 'restoring'],
    ]);
    two.done('restore', { outcome: 'empty', canLogIn: false });
    expect(await viewer.next('rows')).toMatchObject({
      rows: [{ id: 'two', state: 'failed', tone: 'person', toDo: expect.stringContaining('access token') }],
      gone: [],
    });
    const remove = page.add(observe(drive(), { name: 'three' }));
    expect((await viewer.next('rows')).rows.map(({ id }) => id)).toEqual(['three']);
    remove();
    expect(await viewer.next('rows')).toMatchObject({ rows: [], gone: ['three'] });
  });

  test('has no two bots of one name', async () => {
    const { page } = await serve(observe(drive(), { name: 'echo' }));
    expect(() => page.add(observe(drive(), { name: 'ECHO!' }))).toThrow(/name of its own/);
    await expect(
      serveAuthPage([observe(drive(), { name: 'a' }), observe(drive(), { name: 'a' })]),
    ).rejects.toThrow(TypeError);
  });
});

describe('however many look', () => {
  test('no more than were allowed are let in; the others are told, in a line of log for each kind', async () => {
    const { page, log } = await serve(drive());
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1_000 }, () => watch(page, '/events?bot=bot')),
    );
    const statuses = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value.status : 'cut',
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status !== 200 && status !== 503 && status !== 'cut')).toEqual([]);
    expect(log.filter((line) => line.includes('too many open streams'))).toHaveLength(1);
    expect(log.length).toBeLessThanOrEqual(2);
    expect((await ask(page, '/healthz')).status).toBe(200);
  });

  test('a place is free again when somebody leaves', async () => {
    const { page } = await serve(drive(), { maxStreams: 1 });
    const first = await watch(page, '/events');
    expect((await watch(page, '/events')).status).toBe(503);
    first.leave();
    await first.ended;
    await expect.poll(async () => (await ask(page, '/events?once=1')).status, { timeout: 20_000 }).toBe(200);
  });

  test('one that takes nothing costs no memory, holds up nobody, and is told the truth when it comes back', async () => {
    const bots = Array.from({ length: 500 }, (_, index) => chatterbox(index));
    const { page } = await serve(bots.map(({ observer }) => observer));
    const quick = await watch(page, '/events');
    await quick.next('fleet');
    const dead = await watch(page, '/events');
    await dead.next('fleet');
    dead.pause();
    for (let round = 0; round < 45; round += 1) {
      for (const { tell } of bots) tell('reconnecting');
      expect((await quick.next('rows')).rows).toHaveLength(500);
    }
    for (const { tell } of bots) tell('valid');
    await quick.next('rows');
    const all = quick.bytes;
    dead.resume();
    for (;;) {
      const { rows } = await dead.next('rows');
      if (rows.every(({ state }) => state === 'valid')) break;
    }
    // What the system's own buffers took, and not what was told meanwhile.
    expect(dead.bytes).toBeLessThan(all / 2);
  });
});

/** An observer that has much to say, without a machine behind it. */
function chatterbox(index: number) {
  const listeners = new Set<(frame: Frame) => void>();
  let state: 'reconnecting' | 'valid' = 'valid';
  const userId = `@${'a'.repeat(200)}:${'b'.repeat(200)}`;
  const bot = `${'a-long-name-'.repeat(4)}${index}`;
  const observer: Observer = {
    ...silent,
    name: bot,
    now: () => ({ ...quiet, bot, userId, state, detail: state }),
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
  return {
    observer,
    tell: (now: typeof state) => {
      state = now;
      for (const listener of listeners) listener(observer.now());
    },
  };
}

const silent = observe(drive());
const quiet = silent.now();

test('closing ends every stream and leaves the sessions alone', async () => {
  const driven = drive();
  driven.signIn();
  const { page } = await serve(driven);
  const viewer = await watch(page, '/events');
  await page.close();
  await viewer.ended;
  expect(driven.actor.getSnapshot().status).toBe('active');
  driven.event({ type: 'session.adopted', session: sessionOf() } as { type: string });
});

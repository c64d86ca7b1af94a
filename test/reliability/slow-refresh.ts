import { setImmediate } from 'node:timers/promises';
import { it, type TestContext } from 'vitest';
import { createMatrixAuth, credentials, type SessionStore } from '../../src/index.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';
import { storeAt } from './place.ts';
import { Ledger } from './ledger.ts';
import { LIMIT_MS } from './lifetimes.ts';
import { type Account, freshAccount, sessionIn, storedSession } from './session.ts';
import type { StoreContext, Surroundings } from './stores.ts';

const refresh = { path: '/refresh' };
/** Longer than all of a test: a refresh that hangs is not given up. */
const requestTimeoutMs = LIMIT_MS;
const credentialsOf = ({ username, password }: Account) => credentials({ username, password });

interface Slow extends Pick<Surroundings, 'homeserver' | 'proxy'> {
  readonly store: SessionStore;
  /** Makes somebody refresh the session of the bot, by the proxy. The bot itself, by default. */
  readonly refreshing?: (() => void) | undefined;
}

/** While the answer to a refresh does not come, all else goes on: for the bot, and for others in the same store. */
export async function goesOnDuringARefresh(test: TestContext, slow: Slow): Promise<void> {
  const { expect } = test;
  const { homeserver, proxy, store } = slow;
  const atTheEnd = (work: () => Promise<void>) => test.onTestFinished(work);
  const alice = await freshAccount(homeserver).then(({ username, password }) =>
    Person.signIn(homeserver.url, { localpart: username, password }),
  );
  const account = await freshAccount(homeserver);
  const room = await alice.createRoom([account.userId]);
  const bot = makeBot(
    { homeserver: proxy.url, credentials: credentialsOf(account), sessions: store, requestTimeoutMs },
    atTheEnd,
  );
  const client = await bot.auth.start();
  await client.joinRoom(room);
  const other = createMatrixAuth({
    ...{ homeserver: homeserver.url, sessions: store, sessionName: 'other', logger: false },
    credentials: credentialsOf(await freshAccount(homeserver)),
  });
  atTheEnd(() => other.stop());
  await other.start();
  await alice.say(room, 'before');
  await bot.handles(1);

  proxy.inject({ match: refresh, fault: { kind: 'hang' } });
  const renewed = new Promise<void>((resolve) => {
    bot.auth.on('refreshed', () => resolve());
    bot.auth.on('adopted', () => resolve());
  });
  if (slow.refreshing === undefined) void bot.auth.refresh().catch(() => undefined);
  else slow.refreshing();
  await proxy.waitFor(refresh, { phase: 'start', timeoutMs: LIMIT_MS });

  for (let said = 0; said < 3; said += 1) {
    const before = await store.read('default', 'position');
    await alice.say(room, `during ${said}`);
    await bot.handles(2 + said);
    // Nobody waits for the write, but it comes.
    while ((await store.read('default', 'position'))?.position === before?.position) await setImmediate();
  }
  const { generation = 0 } = other.snapshot();
  await other.refresh();
  expect(other.snapshot().generation).toBe(generation + 1);
  await other.fetch(`${homeserver.url}/_matrix/client/v3/account/whoami`);
  expect((await store.read('other', 'session'))?.session?.generation).toBe(generation + 1);
  // It is still under way.
  const refreshes = proxy.requests.filter(({ path }) => path.endsWith('/refresh'));
  expect(refreshes.map(({ finishedAt }) => finishedAt)).toEqual([undefined]);

  // It is cut, and tried once more.
  proxy.clear();
  await renewed;
  await alice.say(room, 'after');
  await bot.handles(5);
  expect(bot.handled.map(({ text }) => text)).toEqual([
    'before',
    'during 0',
    'during 1',
    'during 2',
    'after',
  ]);
  expect(bot.clients).toBe(1);
}

/** One that takes its time, by this process or another one; and one whose process hangs in the midst of it. */
export function slowRefresh({ surroundings }: StoreContext): void {
  for (const who of ['another process', 'the bot itself'] as const) {
    it(`of ${who} holds up neither the sync, nor its position, nor another session`, async (test) => {
      const { homeserver, proxy, place, bot } = await surroundings(test);
      // Whoever refreshes keeps none of the pool's connections meanwhile, so that one is enough.
      const { store, close } = storeAt({ ...place, connections: 1 });
      test.onTestFinished(close);
      const schedule = { refreshAfter: 0.001, refreshJitter: 0 };
      const refreshing = who === 'the bot itself' ? undefined : () => bot({ schedule, requestTimeoutMs });
      await goesOnDuringARefresh(test, { homeserver, proxy, store, refreshing });
    });
  }

  it('of a process that hangs is done by another after a while, and its own late write is refused', async (test) => {
    const { homeserver, proxy, place, bot } = await surroundings(test);
    await storedSession(homeserver, place);
    const short = { ...place, lockTimeoutMs: 1_000 };
    const schedule = { refreshAfter: 0.001, refreshJitter: 0 };
    const ledger = new Ledger();
    const hanging = bot({ place: short, stopAt: 'answered', schedule });
    ledger.follow(hanging);
    await hanging.stopsAt('answered');
    hanging.suspend();
    const second = bot({ place: short, schedule, stopAt: 'used' });
    ledger.follow(second);
    const { fingerprint } = await second.says('session', ({ generation }) => generation === 2);
    await second.stopsAt('used');
    const before = hanging.heard.length;
    hanging.goOn();
    hanging.wake();
    // It goes on from the pair of the other.
    await hanging.says('session', ({ generation }) => generation >= 3, before);
    const ofTwo = hanging.heard.filter((said) => said.type === 'session' && said.generation === 2);
    for (const said of ofTwo) test.expect(said).toMatchObject({ origin: 'adopted', fingerprint });
    second.goOn();
    await hanging.says('answer', ({ status }) => status === 200, hanging.heard.length);
    await Promise.all([hanging.stop(), second.stop()]);
    test.expect(ledger.lostUpdates((await sessionIn(place)).generation)).toBe(0);
    test.expect(proxy.count({ path: '/login' })).toBe(0);
  });
}

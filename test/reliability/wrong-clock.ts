import { it } from 'vitest';
import type { RecordedRequest } from '../../src/testing/index.ts';
import type { BotProcess } from './bot-process.ts';
import { type KindOfSession, sessionIn, untilRefused } from './session.ts';
import type { BotsHomeserver, StoreContext, Surroundings } from './stores.ts';

const HOUR_MS = 3_600_000;

/** Stops the bot, and checks that it has renewed its session as often as it had to, and never signed in anew. */
async function checkRenewals(
  { expect }: { readonly expect: typeof import('vitest').expect },
  { proxy, place }: Pick<Surroundings, 'proxy' | 'place'>,
  bot: BotProcess,
  { refresh, lifetimeMs }: { readonly refresh: string; readonly lifetimeMs: number },
): Promise<void> {
  await bot.stop();
  const refreshes = proxy.requests.filter(({ path }) => path.endsWith(refresh));
  expect(refreshes.map(({ status }) => status)).toEqual(refreshes.map(() => 200));
  expect(refreshes).toHaveLength((await sessionIn(place)).generation - 1);
  expect(hurried(refreshes, lifetimeMs)).toBeLessThanOrEqual(1);
  expect(proxy.count({ path: '/login' })).toBe(0);
  expect(bot.heard.filter(({ type }) => type === 'state').some((said) => 'reason' in said)).toBe(false);
}

/** How many came sooner after the one before than by their schedule: the change of the clock may be the cause of one. */
function hurried(requests: readonly RecordedRequest[], lifetimeMs: number): number {
  return requests.filter(({ at }, index) => at - (requests[index - 1]?.at ?? 0) < lifetimeMs / 3).length;
}

async function rotations(bot: BotProcess, count: number): Promise<void> {
  const since = bot.heard.length;
  const { generation } = await bot.says('session', () => true, since);
  await bot.says('session', (session) => session.generation >= generation + count - 1);
  await bot.says('answer', ({ status }) => status === 200, bot.heard.length);
}

/** No loop, and nobody signed out, whatever time it is. */
export function wrongClock<H extends BotsHomeserver>(
  context: StoreContext<H>,
  { stored, refresh }: KindOfSession<H>,
  lifetimeMs: number,
): void {
  const renewal = { refresh, lifetimeMs };

  it.for([
    ['back', -HOUR_MS],
    ['forward', HOUR_MS],
  ] as const)('set %s by an hour while the bot runs', async ([_, offMs], test) => {
    const surroundings = await context.surroundings(test);
    await stored(surroundings.homeserver, surroundings.place);
    const bot = surroundings.bot({ pauseMs: 100 });
    await bot.signedIn();
    await rotations(bot, 1);
    bot.setClock(offMs);
    await rotations(bot, 2);
    await checkRenewals(test, surroundings, bot, renewal);
  });

  it.for([
    ['behind', -HOUR_MS],
    ['ahead', HOUR_MS],
  ] as const)('an hour %s when the bot starts on a stored session', async ([_, clockOffMs], test) => {
    const surroundings = await context.surroundings(test);
    await stored(surroundings.homeserver, surroundings.place);
    const bot = surroundings.bot({ clockOffMs, pauseMs: 100 });
    await bot.signedIn();
    await rotations(bot, 2);
    await checkRenewals(test, surroundings, bot, renewal);
  });

  it('a process that was suspended wakes after its token has died', async (test) => {
    const surroundings = await context.surroundings(test);
    const { homeserver, place } = surroundings;
    await stored(homeserver, place);
    const bot = surroundings.bot({ pauseMs: 100 });
    await bot.signedIn();
    await rotations(bot, 1);
    bot.suspend();
    await untilRefused(homeserver.url, (await sessionIn(place)).accessToken);
    bot.wake();
    await rotations(bot, 2);
    await checkRenewals(test, surroundings, bot, renewal);
  });
}

import { expect, it, vi } from 'vitest';
import { credentials } from '../../src/index.ts';
import { type BothContext, describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { rounds } from '../support/long.ts';
import { Person } from '../support/rest.ts';
import { lengthened } from '../support/slowness.ts';

/** Past the end of the token's life, so that its expiry is met as a refusal. */
const reactive = { refreshAfter: 100, expiryMarginMs: -60_000 };

function stage({ homeserver, proxy }: BothContext) {
  async function together(schedule = {}) {
    const [botUser, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
    const alice = await Person.signIn(homeserver().url, aliceUser);
    const roomId = await alice.createRoom([botUser.userId]);
    const bot = makeBot({
      homeserver: proxy().url,
      credentials: credentials({ username: botUser.localpart, password: botUser.password }),
      schedule,
    });
    const client = await bot.auth.start();
    await client.joinRoom(roomId);
    return { bot, alice, roomId, botUser };
  }
  const refreshes = () => proxy().count({ path: '/refresh' });
  const refused = () => proxy().requests.filter(({ errcode }) => errcode === 'M_UNKNOWN_TOKEN');
  const expired = (at: number | undefined) =>
    new Promise((resolve) => setTimeout(resolve, (at ?? 0) - Date.now() + 20));

  return { together, refreshes, refused, expired };
}

const lifetimeMs = lengthened(2_500);
const LIFETIMES = rounds({ short: 3, long: 10 });

describeOnBoth('a token expires', { accessTokenLifetimeMs: lifetimeMs }, (both) => {
  const { proxy } = both;
  const { together, refreshes, expired } = stage(both);
  /** One, unless the machine is so slow that another token has died since. */
  const mostSince = (from: number) => 1 + Math.floor((Date.now() - from) / lifetimeMs);

  it('during an idle sync: one refresh, the next message arrives once, the SDK notices nothing', async () => {
    const { bot, alice, roomId } = await together(reactive);
    const before = refreshes();
    const from = Date.now();
    const eventId = await alice.say(roomId, 'before');
    await bot.handles(1);
    await bot.reaches('refreshing.required');
    await bot.reaches('valid');
    await alice.say(roomId, 'after');
    await bot.handles(2);
    expect(bot.handled.map(({ text }) => text)).toEqual(['before', 'after']);
    expect(bot.handled[0]?.eventId).toBe(eventId);
    expect(refreshes() - before).toBeGreaterThanOrEqual(1);
    expect(refreshes() - before).toBeLessThanOrEqual(mostSince(from));
    expect(bot.sdkErrors).toEqual([]);
    expect(bot.clients).toBe(1);
    expect(bot.auth.client?.getAccessToken()).toBe(await bot.auth.accessToken());
  });

  it('during a burst of 200 calls: one refresh, and no call fails', async () => {
    const { bot } = await together(reactive);
    await bot.reaches('valid');
    const { generation, expiresAt } = bot.auth.snapshot();
    // The sync may be refused before the burst is.
    const before = refreshes();
    await expired(expiresAt);
    const from = Date.now();
    const url = `${proxy().url}/_matrix/client/v3/joined_rooms`;
    const answers = await Promise.all(Array.from({ length: 200 }, () => bot.auth.fetch(url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(refreshes() - before).toBeLessThanOrEqual(mostSince(from));
    // On a slow machine the next one may be under way.
    await vi.waitFor(
      () => expect(refreshes() - before).toBe((bot.auth.snapshot().generation ?? 0) - (generation ?? 0)),
      30_000,
    );
    expect(bot.sdkErrors).toEqual([]);
  });
});

// Long enough that the last request before the expiry arrives before it, on a busy machine too.
describeOnBoth(
  'a token is renewed',
  { accessTokenLifetimeMs: lengthened(4_000), testTimeoutMs: 240_000 },
  (both) => {
    const { homeserver, proxy } = both;
    const { together, refreshes, refused } = stage(both);

    it(`ahead of time, over ${LIFETIMES} lifetimes of work: the homeserver never sees a dead token`, async () => {
      const { bot, alice, roomId, botUser } = await together();
      const said: string[] = [];
      const first = bot.auth.snapshot().generation ?? 0;
      while ((bot.auth.snapshot().generation ?? 0) < first + LIFETIMES) {
        said.push(`message ${said.length}`);
        await alice.say(roomId, said.at(-1) as string);
        await bot.auth.run((client) => client.sendTextMessage(roomId, `answer ${said.length}`));
        await bot.handles(said.length);
      }
      expect(bot.handled.map(({ text }) => text)).toEqual(said);
      expect(refused()).toEqual([]);
      expect(refreshes()).toBe((bot.auth.snapshot().generation ?? 0) - 1);
      expect(bot.states.filter(({ detail }) => detail.startsWith('refreshing.required'))).toHaveLength(1);
      expect(bot.sdkErrors).toEqual([]);
      expect(proxy().count({ path: '/login' })).toBe(1);
      expect(await homeserver().devices(botUser.userId)).toHaveLength(1);
    });
  },
);

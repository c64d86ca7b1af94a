import { expect, it, vi } from 'vitest';
import type { Fault } from '../../src/testing/index.ts';
import { credentials } from '../../src/index.ts';
import { type BothContext, describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';

const WAIT_MS = 1_000;
const html = { 'content-type': 'text/html' };
const page = '<html><body>Bad gateway</body></html>';

/** What can come instead of an answer to a refresh, and how long, or until when, the bot was told to wait at least. */
const troubles: readonly {
  what: string;
  fault: (until: Date) => Fault;
  toldMs?: number;
  toldUntil?: true;
  times?: number;
}[] = [
  {
    what: '429 with Retry-After in seconds',
    fault: () => ({
      kind: 'answer',
      status: 429,
      headers: { 'retry-after': '1' },
      body: { errcode: 'M_LIMIT_EXCEEDED' },
    }),
    toldMs: WAIT_MS,
  },
  {
    what: '429 with Retry-After as a date',
    fault: (until) => ({
      kind: 'answer',
      status: 429,
      headers: { 'retry-after': until.toUTCString() },
      body: { errcode: 'M_LIMIT_EXCEEDED' },
    }),
    toldUntil: true,
    times: 1,
  },
  {
    what: '429 with retry_after_ms alone',
    fault: () => ({
      kind: 'answer',
      status: 429,
      body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: WAIT_MS },
    }),
    toldMs: WAIT_MS,
  },
  { what: '500', fault: () => ({ kind: 'answer', status: 500, body: { errcode: 'M_UNKNOWN' } }) },
  { what: '502 with HTML', fault: () => ({ kind: 'answer', status: 502, headers: html, body: page }) },
  { what: '200 with {}', fault: () => ({ kind: 'answer', status: 200, body: {} }) },
  { what: '200 with HTML', fault: () => ({ kind: 'answer', status: 200, headers: html, body: page }) },
  { what: 'half a body', fault: () => ({ kind: 'cut-body' }) },
  { what: 'nothing at all', fault: () => ({ kind: 'hang' }) },
  { what: 'a cut connection', fault: () => ({ kind: 'cut' }) },
  { what: 'a lost response', fault: () => ({ kind: 'lose-response' }) },
];

describeOnBoth(
  'a refresh meets trouble',
  { accessTokenLifetimeMs: 2_000 },
  ({ homeserver, proxy }: BothContext) => {
    /** @param meanwhile is done before the bot starts */
    async function startedBot(meanwhile: () => void = () => {}) {
      const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const roomId = await alice.createRoom([user.userId]);
      meanwhile();
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
        schedule: { backoffMinMs: 100 },
        requestTimeoutMs: 700,
      });
      await (await bot.auth.start()).joinRoom(roomId);
      return { bot, alice, roomId, user };
    }
    const refreshes = () => proxy().requests.filter(({ path }) => path.endsWith('/refresh'));

    it.each(troubles)(
      '$what: recovers by itself, and asks no more often than it was told',
      async ({ fault, toldMs = 0, toldUntil = false, times = 2 }) => {
        // A date has no milliseconds. Some 1.4 s pass until the refresh.
        const until = new Date(1_000 * Math.floor(Date.now() / 1_000 + 5));
        // Before the start: on a slow computer the first refresh may begin before the test goes on.
        const { bot, alice, roomId, user } = await startedBot(() =>
          proxy().inject({ match: { path: '/refresh' }, times, fault: fault(until) }),
        );
        await vi.waitFor(() => expect(refreshes().filter(({ status }) => status === 200)).not.toEqual([]), {
          timeout: 20_000,
        });
        await bot.reaches('valid');
        await alice.say(roomId, 'are you there?');
        await bot.handles(1);
        const attempts = refreshes().slice(0, times + 1);
        const waits = attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.finishedAt ?? at));
        expect(waits).toHaveLength(times);
        expect(Math.min(...waits)).toBeGreaterThanOrEqual(toldMs - 20);
        if (toldUntil) expect(attempts.at(-1)?.at).toBeGreaterThanOrEqual(until.getTime() - 20);
        expect(attempts.at(-1)?.status).toBe(200);
        expect(proxy().count({ path: '/login' })).toBe(1);
        expect(bot.handled).toHaveLength(1);
        expect(bot.sdkErrors).toEqual([]);
        expect(await homeserver().devices(user.userId)).toHaveLength(1);
      },
    );

    it('the server is gone for five seconds: the bot recovers by itself, and no message is lost', async () => {
      const { bot, alice, roomId } = await startedBot();
      await proxy().away();
      await bot.reaches('refreshing.required');
      const said: string[] = [];
      for (const end = Date.now() + 5_000; Date.now() < end; ) {
        said.push(`message ${said.length}`);
        await alice.say(roomId, said.at(-1) as string);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      await proxy().back();
      await bot.handles(said.length);
      expect(bot.handled.map(({ text }) => text)).toEqual(said);
      expect(proxy().count({ path: '/login' })).toBe(1);
      expect(bot.sdkErrors).not.toContain('Session.logged_out');
    });
  },
);

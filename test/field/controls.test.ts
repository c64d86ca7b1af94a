import { describe, expect, it, vi } from 'vitest';
import { credentials } from '../../src/index.ts';
import { startBot } from '../auth/voice/unheard-bot.ts';

const TEN_MINUTES_MS = 600_000;
const forEver = Number.POSITIVE_INFINITY;
const WHOAMI = '/_matrix/client/v3/account/whoami';

const signedIn = async (lifetime?: string) => {
  const bot = await startBot(async ({ proxy }) => {
    if (lifetime !== undefined) {
      const body = (text: string) => text.replace(/"expires_in_ms":\d+/, `"expires_in_ms":${lifetime}`);
      proxy.inject({ match: { path: '/login' }, times: forEver, fault: { kind: 'rewrite', body } });
    }
    return {};
  });
  await bot.time.pass(5_000, () => bot.auth.snapshot().state === 'valid');
  expect(await bot.started).toBeUndefined();
  return bot;
};

describe('ten minutes in which', () => {
  it.each([
    ['everything is 503', 503, { errcode: 'M_UNKNOWN', error: 'no' }, '.'],
    ['everything is 502 of a proxy', 502, '<h1>Bad Gateway</h1>', '.'],
    ['every login and refresh is 500', 500, {}, '(login|refresh)$'],
    ['every refresh is 504, and the token runs out meanwhile', 504, '', 'refresh$'],
  ])(
    '%s: one device, one login, ever fewer requests, and it goes on by itself',
    async (_, status, body, path) => {
      const { auth, homeserver, proxy, time } = await signedIn('60000');
      const before = proxy.requests.length;
      const trouble = proxy.inject({
        match: { path: new RegExp(path) },
        times: forEver,
        fault: { kind: 'answer', status, body },
      });
      await time.pass(TEN_MINUTES_MS, () => false, 2_000);
      // A pause of half a minute or more, once it has lasted.
      expect(proxy.requests.length - before).toBeLessThan(40);
      trouble.remove();
      const asked = auth.fetch(`${proxy.url}${WHOAMI}`);
      await time.pass(120_000, () => auth.snapshot().state === 'valid', 1_000);
      expect((await asked).status).toBe(200);
      expect(homeserver.logins).toBe(1);
      expect(homeserver.devices('@bot:localhost')).toHaveLength(1);
    },
  );
});

describe('a lifetime', () => {
  it.each(['31536000000', '1e300', '9007199254740993', '2147483648'])(
    'of %s ms asks for nothing in two hours',
    async (lifetime) => {
      const { auth, homeserver, proxy, time } = await signedIn(lifetime);
      const before = proxy.requests.length;
      await time.pass(2 * 3_600_000, () => false, 60_000);
      expect(proxy.requests.length).toBe(before);
      expect(homeserver.refreshes).toBe(0);
      expect(auth.snapshot().state).toBe('valid');
    },
  );
});

describe('a computer that sleeps for eight hours', () => {
  it.each([
    ['a live session', async () => {}],
    [
      'a refresh that is under way',
      async ({ auth }: Awaited<ReturnType<typeof startBot>>) => {
        auth.refresh().catch(() => undefined);
      },
    ],
  ])('in the midst of %s goes on with one refresh, and no login', async (_, before) => {
    const bot = await signedIn();
    const { auth, homeserver, proxy, time } = bot;
    await before(bot);
    vi.setSystemTime(Date.now() + 8 * 3_600_000);
    homeserver.expireTokens();
    const asked = auth.fetch(`${proxy.url}${WHOAMI}`);
    await time.pass(120_000, () => false, 1_000);
    expect((await asked).status).toBe(200);
    expect(homeserver.logins).toBe(1);
    expect(homeserver.refreshes).toBeLessThanOrEqual(2);
    expect(auth.snapshot().state).toBe('valid');
  });
});

it('a dead session with nothing else left is asked about twice, and never again', async () => {
  const { auth, homeserver, proxy, time, started } = await startBot(async () => ({
    credentials: credentials({ accessToken: 'canary-at-Dead', refreshToken: 'canary-rt-Dead' }),
  }));
  await time.pass(TEN_MINUTES_MS, () => false, 5_000);
  expect(await started).toMatchObject({ reason: 'session-ended' });
  const dead = homeserver.requests.filter(({ status }) => status === 401);
  expect(dead.length).toBeLessThanOrEqual(4);
  const before = proxy.requests.length;
  await auth.fetch(`${proxy.url}${WHOAMI}`).catch(() => undefined);
  expect(proxy.requests.length).toBe(before);
});

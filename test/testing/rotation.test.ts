import { beforeEach, describe, expect, test } from 'vitest';
import { startTestHomeserver, type TestHomeserver } from '../../src/testing/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { type Answer, clientOf, refusalOf, refusals } from './client.ts';

const LOGGED_OUT = {
  status: 401,
  body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Invalid access token passed.', soft_logout: false },
};
const EXPIRED = {
  status: 401,
  body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Access token has expired', soft_logout: true },
};
const NO_SUCH_REFRESH_TOKEN = {
  status: 401,
  body: { errcode: 'M_UNKNOWN_TOKEN', error: 'refresh token does not exist' },
};
const REFRESH_TOKEN_SPENT = {
  status: 403,
  body: { errcode: 'M_FORBIDDEN', error: "refresh token isn't valid anymore" },
};

interface Pair {
  readonly access: string;
  readonly refresh: string;
}

function pairOf({ status, body }: Answer): Pair {
  expect(status).toBe(200);
  return { access: body.access_token, refresh: body.refresh_token };
}

describeOnBoth('rotation', { alwaysOnBoth: true, accessTokenLifetimeMs: 300_000 }, ({ homeserver, real }) => {
  const expectRefusal = refusals(real);
  async function signedIn() {
    const api = clientOf(homeserver().url);
    const user = await freshUser(homeserver());
    const login = () => api.login(user.localpart, user.password, { device_id: 'BOT' });
    return { api, user, login, first: pairOf(await login()) };
  }

  test('a refresh gives a new pair and leaves the old access token alive', async () => {
    const { api, first } = await signedIn();
    const answer = await api.refresh(first.refresh);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        access_token: expect.stringMatching(/^syt_/),
        refresh_token: expect.stringMatching(/^syr_/),
        expires_in_ms: 300_000,
      },
    });
    const second = pairOf(answer);
    expect((await api.whoami(second.access)).status).toBe(200);
    expect((await api.whoami(first.access)).status).toBe(200);
  });

  test('a lost answer is made good by a second refresh, which kills the lost pair', async () => {
    const { api, first } = await signedIn();
    const lost = pairOf(await api.refresh(first.refresh));
    const second = pairOf(await api.refresh(first.refresh));
    expectRefusal(await api.whoami(lost.access), LOGGED_OUT);
    expectRefusal(await api.refresh(lost.refresh), NO_SUCH_REFRESH_TOKEN);
    expect((await api.whoami(second.access)).status).toBe(200);
  });

  test('a refresh token is spent once the new access token is used', async () => {
    const { api, first } = await signedIn();
    const second = pairOf(await api.refresh(first.refresh));
    await api.whoami(second.access);
    expectRefusal(await api.refresh(first.refresh), REFRESH_TOKEN_SPENT);
  });

  test('once the new refresh token is used, the old one is unknown, and so is the old access token', async () => {
    const { api, first } = await signedIn();
    const second = pairOf(await api.refresh(first.refresh));
    const third = pairOf(await api.refresh(second.refresh));
    expectRefusal(await api.refresh(first.refresh), NO_SUCH_REFRESH_TOKEN);
    expectRefusal(await api.whoami(first.access), LOGGED_OUT);
    expect((await api.whoami(second.access)).status).toBe(200);
    expect((await api.whoami(third.access)).status).toBe(200);
  });

  test('an access token that was used before lives through rotations, and through the logout', async () => {
    const { api, first } = await signedIn();
    await api.whoami(first.access);
    const second = pairOf(await api.refresh(first.refresh));
    await api.whoami(second.access);
    const third = pairOf(await api.refresh(second.refresh));
    expect((await api.whoami(first.access)).status).toBe(200);

    expect((await api.call('POST', '/logout', { token: third.access })).status).toBe(200);
    expect((await api.whoami(first.access)).status).toBe(200);
    expectRefusal(await api.whoami(second.access), LOGGED_OUT);
    expectRefusal(await api.whoami(third.access), LOGGED_OUT);
    expectRefusal(await api.refresh(third.refresh), NO_SUCH_REFRESH_TOKEN);
  });

  test('such an access token can still log the device out', async () => {
    const { api, user, first } = await signedIn();
    await api.whoami(first.access);
    const second = pairOf(await api.refresh(first.refresh));
    const third = pairOf(await api.refresh(second.refresh));
    expect((await api.call('POST', '/logout', { token: first.access })).status).toBe(200);
    expectRefusal(await api.whoami(third.access), LOGGED_OUT);
    expect(await homeserver().devices(user.userId)).toEqual([]);
  });

  test('of concurrent refreshes with one token all succeed, and one pair is good', async () => {
    const { api, first } = await signedIn();
    const answers = await Promise.all(Array.from({ length: 5 }, () => api.refresh(first.refresh)));
    const pairs = answers.map(pairOf);
    expect(new Set(pairs.map((pair) => pair.access)).size).toBe(5);
    const statuses: number[] = [];
    for (const pair of pairs) statuses.push((await api.whoami(pair.access)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  test('a second login on the device leaves the first chain alone; a logout ends both', async () => {
    const { api, user, login, first } = await signedIn();
    const other = pairOf(await login());
    expect((await api.whoami(first.access)).status).toBe(200);
    const second = pairOf(await api.refresh(first.refresh));
    expect(await homeserver().devices(user.userId)).toEqual(['BOT']);

    await api.call('POST', '/logout', { token: other.access });
    expectRefusal(await api.whoami(second.access), LOGGED_OUT);
    expectRefusal(await api.refresh(second.refresh), NO_SUCH_REFRESH_TOKEN);
    expectRefusal(await api.refresh(other.refresh), NO_SUCH_REFRESH_TOKEN);
    expect(await homeserver().devices(user.userId)).toEqual([]);
    expect((await login()).status).toBe(200);
  });

  test('the Authorization header of a refresh is not looked at', async () => {
    const { api, first } = await signedIn();
    const answer = await api.call('POST', '/refresh', {
      token: 'junk',
      body: { refresh_token: first.refresh },
    });
    expect(answer.status).toBe(200);
  });

  test('a logout of all devices ends every session', async () => {
    const { api, user, first } = await signedIn();
    const elsewhere = pairOf(await api.login(user.localpart, user.password, { device_id: 'OTHER' }));
    expect((await api.call('POST', '/logout/all', { token: first.access })).status).toBe(200);
    expectRefusal(await api.whoami(elsewhere.access), LOGGED_OUT);
    expect(await homeserver().devices(user.userId)).toEqual([]);
  });
});

describe('rotation and time', () => {
  let now: number;
  let homeserver: TestHomeserver;
  let api: ReturnType<typeof clientOf>;

  beforeEach(async () => {
    now = 1_700_000_000_000;
    homeserver = await startTestHomeserver({
      accessTokenLifetimeMs: 5_000,
      users: [{ localpart: 'bot', password: 'pw' }],
      now: () => now,
    });
    api = clientOf(homeserver.url);
    return () => homeserver.stop();
  });

  test('an access token lives exactly as long as was said', async () => {
    const answer = await api.login('bot', 'pw');
    expect(answer.body.expires_in_ms).toBe(5_000);
    const { access } = pairOf(answer);
    now += 5_000;
    expect((await api.whoami(access)).status).toBe(200);
    now += 1;
    expect(refusalOf(await api.whoami(access))).toEqual(EXPIRED);
    expect(refusalOf(await api.sync(access))).toEqual(EXPIRED);
  });

  test('an old access token answers until its own end, whatever becomes of the new one', async () => {
    const first = pairOf(await api.login('bot', 'pw'));
    await api.whoami(first.access);
    now += 3_000;
    const second = pairOf(await api.refresh(first.refresh));
    await api.whoami(second.access);
    now += 2_000;
    expect((await api.whoami(first.access)).status).toBe(200);
    now += 1;
    expect(refusalOf(await api.whoami(first.access))).toEqual(EXPIRED);
    expect((await api.whoami(second.access)).status).toBe(200);
  });

  test('a refresh token outlives its access token', async () => {
    const first = pairOf(await api.login('bot', 'pw'));
    now += 3_600_000;
    const second = pairOf(await api.refresh(first.refresh));
    expect((await api.whoami(second.access)).status).toBe(200);
  });

  test('an expired access token that is tried does not spend the refresh token', async () => {
    const first = pairOf(await api.login('bot', 'pw'));
    const second = pairOf(await api.refresh(first.refresh));
    now += 5_001;
    expect(refusalOf(await api.whoami(second.access))).toEqual(EXPIRED);
    expect((await api.refresh(first.refresh)).status).toBe(200);
    // It is in the cache, and stays expired where one that nobody tried would be unknown.
    expect(refusalOf(await api.whoami(second.access))).toEqual(EXPIRED);
  });

  test('an expired access token can log out, and that ends the session', async () => {
    const first = pairOf(await api.login('bot', 'pw'));
    now += 5_001;
    expect((await api.call('POST', '/logout', { token: first.access })).status).toBe(200);
    expect(refusalOf(await api.refresh(first.refresh))).toEqual(NO_SUCH_REFRESH_TOKEN);
    expect(refusalOf(await api.whoami(first.access))).toEqual(LOGGED_OUT);
  });

  test('an expired access token that only the cache knows, and that was never used, cannot log out', async () => {
    const first = pairOf(await api.login('bot', 'pw'));
    now += 5_001;
    await api.whoami(first.access);
    const second = pairOf(await api.refresh(first.refresh));
    const third = pairOf(await api.refresh(second.refresh));
    expect(refusalOf(await api.call('POST', '/logout', { token: first.access }))).toEqual({
      status: 404,
      body: { errcode: 'M_UNKNOWN', error: 'No row found (access_tokens)' },
    });
    expect((await api.whoami(third.access)).status).toBe(200);
  });

  test('a long poll is not cut at expiry', async () => {
    const { access } = pairOf(await api.login('bot', 'pw'));
    const { body } = await api.sync(access);
    const poll = api.sync(access, { since: body.next_batch, timeout: 20_000 });
    // It is open once the homeserver knows whose it is.
    await expect.poll(() => homeserver.requests[2]).toMatchObject({ userId: '@bot:localhost' });
    now += 5_001;
    await api.login('bot', 'pw');
    expect((await poll).status).toBe(200);
    expect(refusalOf(await api.sync(access, { since: body.next_batch }))).toEqual(EXPIRED);
  });
});

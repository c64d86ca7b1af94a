import { expect, it } from 'vitest';
import { applicationService, ask, jwt, loginToken, password, type SignIn } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { jsonWebToken } from '../support/json-web-token.ts';
import { Person } from '../support/rest.ts';

const jwtSecret = 'the key of the tokens, long enough for HS256';
const serviceToken = 'canary-at-application-service-0123456789';
const options = {
  accessTokenLifetimeMs: 1_500,
  testTimeoutMs: 120_000,
  loginTokens: true,
  jwtSecret,
  applicationServices: [{ token: serviceToken, users: '@user-.*' }],
};

type User = Awaited<ReturnType<typeof freshUser>>;

describeOnBoth('a bot that signs in by', options, ({ homeserver, proxy }) => {
  const minted = ({ localpart }: User) =>
    jsonWebToken({ sub: localpart, exp: Math.floor(Date.now() / 1000) + 5 }, jwtSecret);

  async function loginTokenOf(user: User): Promise<string> {
    const person = await Person.signIn(homeserver().url, user, { deviceId: 'PERSON' });
    const response = await fetch(`${homeserver().url}/_matrix/client/v1/login/get_token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.tokens.access_token}` },
      body: '{}',
    });
    return ((await response.json()) as { login_token: string }).login_token;
  }

  it.each<[string, (user: User) => SignIn]>([
    [
      'a JSON Web Token that is minted',
      (user) => jwt({ token: () => minted(user), username: user.localpart }),
    ],
    [
      'the token of its application service',
      (user) => applicationService({ token: serviceToken, username: user.userId }),
    ],
    [
      'a person who types the password',
      (user) => ask(async () => password({ username: user.localpart, password: user.password })),
    ],
    [
      'a password from a secret manager',
      (user) => password({ username: user.localpart, password: async () => user.password }),
    ],
  ])('%s renews its token, and signs in again when the session was ended', async (_, way) => {
    const user = await freshUser(homeserver());
    const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
    const bot = makeBot({ homeserver: proxy().url, credentials: way(user) });
    const client = await bot.auth.start();
    const deviceId = client.getDeviceId() ?? '';
    const roomId = await alice.createRoom([user.userId]);
    await client.joinRoom(roomId);
    const first = bot.auth.snapshot().generation ?? 0;
    while ((bot.auth.snapshot().generation ?? 0) < first + 3) await bot.reaches('valid', bot.states.length);
    expect(proxy().count({ method: 'POST', path: '/login' })).toBe(1);

    const from = bot.states.length;
    await homeserver().deleteDevice(user.userId, deviceId);
    await alice.say(roomId, 'still there?');
    await bot.reaches('refreshing', from);
    await bot.reaches('valid', from);
    await bot.handles(1);
    expect(proxy().count({ method: 'POST', path: '/login' })).toBe(2);
    expect(bot.auth.snapshot()).toMatchObject({ userId: user.userId, deviceId });
    expect((await homeserver().devices(user.userId)).filter((id) => id !== 'PERSON')).toEqual([deviceId]);
    expect(bot.sdkErrors).toEqual([]);
  });

  it('one login token renews its token, and needs a person when the session was ended', async () => {
    const user = await freshUser(homeserver());
    const bot = makeBot({
      homeserver: proxy().url,
      credentials: loginToken({ token: await loginTokenOf(user) }),
    });
    const client = await bot.auth.start();
    const first = bot.auth.snapshot().generation ?? 0;
    while ((bot.auth.snapshot().generation ?? 0) < first + 2) await bot.reaches('valid', bot.states.length);
    const from = bot.states.length;
    await homeserver().deleteDevice(user.userId, client.getDeviceId() ?? '');
    expect(await bot.reaches('failed', from)).toMatchObject({ reason: 'session-ended' });
    // Nothing was tried with the token that is spent.
    expect(proxy().count({ method: 'POST', path: '/login' })).toBe(1);

    const again = bot.states.length;
    bot.auth.provideCredentials(password({ username: user.localpart, password: user.password }));
    await bot.reaches('valid', again);
    expect(proxy().count({ method: 'POST', path: '/login' })).toBe(2);
  });

  it('a JSON Web Token of another user than expected is refused', async () => {
    const [user, other] = [await freshUser(homeserver()), await freshUser(homeserver())];
    const bot = makeBot({
      homeserver: proxy().url,
      credentials: jwt({ token: () => minted(other), username: user.localpart }),
    });
    await expect(bot.auth.start()).rejects.toMatchObject({
      reason: 'login-refused',
      advice: expect.stringContaining(`it is not that of ${user.localpart}`),
    });
  });
});

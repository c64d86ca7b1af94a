import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { accessToken, createMatrixAuth, password } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { Person } from '../support/rest.ts';

const refusal = { errcode: 'M_UNKNOWN_TOKEN', error: 'no', soft_logout: false };

describeOnBoth('a token that dies while whoami answers for it', {}, ({ homeserver, proxy }) => {
  it('a request that is refused by then gets the answer to another token', async () => {
    const user = await freshUser(homeserver());
    const { tokens } = await Person.signIn(homeserver().url, user, { deviceId: 'BOT' });
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    let isHeld = false;
    const auth = createMatrixAuth({
      homeserver: proxy().url,
      credentials: [
        accessToken({ token: tokens.access_token }),
        password({ username: user.localpart, password: user.password }),
      ],
      logger: false,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (isHeld && response.url.endsWith('/account/whoami')) {
          asked.resolve();
          await answered.promise;
        }
        return response;
      },
    });
    onTestFinished(() => auth.stop());
    await auth.start();
    const ask = async (path: string) => (await auth.fetch(`${proxy().url}/_matrix/client/v3${path}`)).status;
    proxy().inject({
      match: { path: '/voip/turnServer' },
      fault: { kind: 'answer', status: 401, body: refusal },
    });

    isHeld = true;
    const first = ask('/voip/turnServer');
    await asked.promise;
    isHeld = false;
    // The homeserver has taken the token; the answer is on its way.
    await homeserver().deleteDevice(user.userId, 'BOT');
    const second = ask('/joined_rooms');
    while (auth.held < 2) await setImmediate();
    answered.resolve();

    expect(await second).toBe(200);
    expect(await first).toBe(401);
    expect(proxy().count({ path: '/login' })).toBe(1);
  });
});

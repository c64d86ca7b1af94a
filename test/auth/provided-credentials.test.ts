import { describe, expect, it } from 'vitest';
import { credentials, memorySessions } from '../../src/index.ts';
import { makeAuth, PASSWORD, quick } from './make.ts';

describe('credentials', () => {
  it('a token that is provided while the session waits to try again is used', async () => {
    const source = await makeAuth({}, { accessTokenLifetimeMs: null });
    await source.auth.start();
    const { auth, reaches } = await makeAuth({
      homeserver: source.proxy.url,
      credentials: credentials({ username: 'bot', password: PASSWORD }),
      schedule: { ...quick, backoffMinMs: 600_000, backoffMaxMs: 600_000 },
    });
    source.proxy.inject({ match: { path: '/login' }, times: 100, fault: { kind: 'answer', status: 500 } });
    const started = auth.start();
    started.catch(() => undefined);
    await reaches('refreshing.required.backingOff');
    auth.provideCredentials({ accessToken: await source.auth.accessToken() });
    await started.catch(() => undefined);
    expect(auth.snapshot()).toMatchObject({ state: 'valid' });
  });

  it('a password that is provided while the wrong one is being tried is tried, too', async () => {
    const { auth, proxy } = await makeAuth({
      credentials: credentials({ username: 'bot', password: 'wrong' }),
    });
    proxy.latencyMs = 20;
    const started = auth.start();
    await proxy.waitFor({ path: '/login' }, { phase: 'start' });
    auth.provideCredentials({ username: 'bot', password: PASSWORD });
    await started.catch(() => undefined);
    expect(auth.snapshot()).toMatchObject({ state: 'valid' });
  });

  it('bot, @bot and @bot:server log in on the same device', async () => {
    const { homeserver, proxy } = await makeAuth();
    for (const username of ['bot', '@bot', '@bot:localhost', 'bot:localhost']) {
      const { auth } = await makeAuth({
        homeserver: proxy.url,
        credentials: credentials({ username, password: PASSWORD }),
      });
      await auth.start();
    }
    expect(homeserver.devices('@bot:localhost')).toHaveLength(1);
  });

  it('a device that is given is the one that is logged in on, whatever was stored before', async () => {
    const sessions = memorySessions();
    const first = await makeAuth({ sessions });
    await first.auth.start();
    first.homeserver.revokeSession('@bot:localhost', undefined, { keepDevice: false });
    const { auth } = await makeAuth({
      homeserver: first.proxy.url,
      sessions,
      credentials: credentials({ username: 'bot', password: PASSWORD, deviceId: 'CHOSEN' }),
    });
    await auth.start();
    expect(first.homeserver.devices('@bot:localhost')).toEqual(['CHOSEN']);
  });
});

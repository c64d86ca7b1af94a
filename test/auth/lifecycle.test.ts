import { describe, expect, it } from 'vitest';
import {
  AuthFailedError,
  AuthStoppedError,
  CannotRenewError,
  credentials,
  memorySessions,
} from '../../src/index.ts';
import { FakeClient, makeAuth, PASSWORD, SdkError, WHOAMI } from './make.ts';

describe('start', () => {
  it('resolves with the client, as often as it is asked', async () => {
    const client = new FakeClient();
    const { auth, homeserver } = await makeAuth({ client });
    const clients = await Promise.all([auth.start(), auth.start()]);
    expect(clients).toEqual([{ number: 1 }, { number: 1 }]);
    expect(await auth.start()).toBe(clients[0]);
    expect(homeserver.logins).toBe(1);
    expect(client.connects).toHaveLength(1);
  });

  it('after a failure tries again', async () => {
    const { auth, homeserver } = await makeAuth({
      credentials: credentials({ username: 'bot', password: 'wrong' }),
    });
    await expect(auth.start()).rejects.toBeInstanceOf(AuthFailedError);
    homeserver.setPassword('@bot:localhost', 'wrong');
    await auth.start();
    expect(auth.snapshot().state).toBe('valid');
  });

  it('after the stop is refused', async () => {
    const { auth } = await makeAuth();
    await auth.stop();
    await expect(auth.start()).rejects.toBeInstanceOf(AuthStoppedError);
  });
});

describe('stop', () => {
  it('while it starts: start rejects', async () => {
    const { auth, proxy } = await makeAuth();
    proxy.inject({ match: { path: '/whoami' }, fault: { kind: 'hang' } });
    const started = auth.start();
    started.catch(() => undefined);
    await proxy.waitFor({ path: '/whoami' }, { phase: 'start' });
    await auth.stop();
    await expect(started).rejects.toBeInstanceOf(AuthStoppedError);
    expect(auth.snapshot().state).toBe('stopped');
  });

  it('during a login: the session that is issued is written before it resolves', async () => {
    const sessions = memorySessions();
    const { auth, proxy } = await makeAuth({ sessions });
    proxy.latencyMs = 20;
    const started = auth.start();
    started.catch(() => undefined);
    await proxy.waitFor({ path: '/login' }, { phase: 'start' });
    await auth.stop();
    expect((await sessions.read('default', 'session'))?.session?.generation).toBe(1);
    await expect(started).rejects.toBeInstanceOf(AuthStoppedError);
  });

  it('during a refresh: the pair is written before it resolves', async () => {
    const sessions = memorySessions();
    const { auth, proxy } = await makeAuth({ sessions });
    await auth.start();
    proxy.latencyMs = 20;
    const refreshed = auth.refresh();
    refreshed.catch(() => undefined);
    await proxy.waitFor({ path: '/refresh' }, { phase: 'start' });
    await auth.stop();
    expect((await sessions.read('default', 'session'))?.session?.generation).toBe(2);
    await expect(refreshed).rejects.toBeInstanceOf(AuthStoppedError);
  });

  it('rejects whatever waits, and stops the client once', async () => {
    const client = new FakeClient();
    const { auth, proxy, reaches } = await makeAuth({ client });
    proxy.inject({ match: { path: '/login' }, times: 100, fault: { kind: 'answer', status: 500 } });
    const started = auth.start();
    started.catch(() => undefined);
    const waiting = [
      auth.accessToken(),
      auth.refresh(),
      auth.run(() => 'never'),
      auth.withTokenRefresh(() => 'never')(),
    ];
    for (const one of waiting) one.catch(() => undefined);
    await reaches('refreshing.required.backingOff');
    const held = auth.fetch(`${proxy.url}${WHOAMI}`);
    held.catch(() => undefined);
    await Promise.all([auth.stop(), auth.stop()]);
    for (const one of [started, held, ...waiting]) await expect(one).rejects.toBeInstanceOf(AuthStoppedError);
    expect(client.stops).toBe(1);
  });

  it('gives the services up: their signals are aborted', async () => {
    const client = new FakeClient();
    const connecting = Promise.withResolvers<void>();
    client.connecting = (signal) =>
      new Promise((_, reject) => {
        connecting.resolve();
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const { auth, log } = await makeAuth({ client });
    const started = auth.start();
    started.catch(() => undefined);
    await connecting.promise;
    await auth.stop();
    expect(client.connects[0]?.signal.aborted).toBe(true);
    await expect(started).rejects.toBeInstanceOf(AuthStoppedError);
    expect(log).toEqual([]);
  });
});

describe('refresh', () => {
  it('brings a new token', async () => {
    const { auth, homeserver } = await makeAuth();
    await auth.start();
    const before = await auth.accessToken();
    await auth.refresh();
    expect((await auth.accessToken()) === before).toBe(false);
    expect(homeserver.refreshes).toBe(1);
  });

  it('asked for twice at once is one refresh', async () => {
    const { auth, homeserver } = await makeAuth();
    await auth.start();
    await Promise.all([auth.refresh(), auth.refresh()]);
    expect(homeserver.refreshes).toBe(1);
  });

  it('with nothing to get one with is refused, and nothing is sent', async () => {
    const first = await makeAuth({}, { accessTokenLifetimeMs: null });
    await first.auth.start();
    const { auth, proxy } = await makeAuth({
      homeserver: first.proxy.url,
      credentials: credentials({ accessToken: await first.auth.accessToken() }),
    });
    await auth.start();
    await expect(auth.refresh()).rejects.toBeInstanceOf(CannotRenewError);
    expect(proxy.requests).toEqual([]);
    expect(auth.snapshot().state).toBe('valid');
  });
});

describe('provideCredentials', () => {
  it('after a wrong password: one attempt before, one after', async () => {
    const { auth, proxy } = await makeAuth({
      credentials: credentials({ username: 'bot', password: 'wrong' }),
    });
    await expect(auth.start()).rejects.toMatchObject({ reason: 'login-refused' });
    expect(proxy.count({ path: '/login' })).toBe(1);
    auth.provideCredentials({ username: 'bot', password: PASSWORD });
    await auth.start();
    expect(proxy.count({ path: '/login' })).toBe(2);
  });

  it('before the start is used at the start', async () => {
    const { auth } = await makeAuth({ credentials: credentials({ username: 'bot', password: 'wrong' }) });
    auth.provideCredentials({ username: 'bot', password: PASSWORD });
    await auth.start();
    expect(auth.snapshot().state).toBe('valid');
  });

  it('a token, after a token died', async () => {
    const source = await makeAuth({}, { accessTokenLifetimeMs: null });
    await source.auth.start();
    const { auth } = await makeAuth({
      homeserver: source.proxy.url,
      credentials: credentials({ accessToken: 'dead' }),
    });
    await expect(auth.start()).rejects.toMatchObject({ reason: 'token-refused' });
    auth.provideCredentials({ accessToken: await source.auth.accessToken() });
    await auth.start();
    expect(auth.snapshot()).toMatchObject({ state: 'valid', generation: 2 });
  });

  it('a password, while the token lives: it is there when the token dies', async () => {
    const source = await makeAuth({}, { accessTokenLifetimeMs: null });
    await source.auth.start();
    const { auth } = await makeAuth({
      homeserver: source.proxy.url,
      credentials: credentials({ accessToken: await source.auth.accessToken() }),
    });
    await auth.start();
    auth.provideCredentials({ username: 'bot', password: PASSWORD });
    source.homeserver.revokeSession('@bot:localhost');
    expect((await auth.fetch(`${source.proxy.url}${WHOAMI}`)).status).toBe(200);
    expect(source.homeserver.logins).toBe(2);
    expect(source.homeserver.devices('@bot:localhost')).toHaveLength(1);
  });

  it('a token, while another is in use: it is taken when that one dies', async () => {
    const on = (deviceId: string) => credentials({ username: 'bot', password: PASSWORD, deviceId });
    const source = await makeAuth({ credentials: on('FIRST') }, { accessTokenLifetimeMs: null });
    const other = await makeAuth({ homeserver: source.proxy.url, credentials: on('SECOND') });
    await source.auth.start();
    await other.auth.start();
    const { auth } = await makeAuth({
      homeserver: source.proxy.url,
      credentials: credentials({ accessToken: await source.auth.accessToken() }),
    });
    await auth.start();
    auth.provideCredentials({ accessToken: await other.auth.accessToken() });
    expect(auth.snapshot()).toMatchObject({ state: 'valid', generation: 1, deviceId: 'FIRST' });
    source.homeserver.revokeSession('@bot:localhost', 'FIRST');
    expect((await auth.fetch(`${source.proxy.url}${WHOAMI}`)).status).toBe(200);
    expect(auth.snapshot()).toMatchObject({ generation: 2, deviceId: 'SECOND' });
  });

  it('that are incomplete change nothing', async () => {
    const { auth } = await makeAuth();
    await auth.start();
    expect(() => auth.provideCredentials({ username: 'bot' })).toThrow(/password is missing/);
    expect(auth.snapshot().state).toBe('valid');
  });
});

describe('run and withTokenRefresh', () => {
  it('give the client, or the arguments, and what they return', async () => {
    const client = new FakeClient();
    const { auth } = await makeAuth({ client });
    await auth.start();
    expect(await auth.run((given) => given)).toBe(client.client);
    expect(await auth.withTokenRefresh((a: number, b: number) => a + b)(1, 2)).toBe(3);
  });

  it('renew the session once for many that met the dead token together', async () => {
    const { auth, homeserver } = await makeAuth();
    await auth.start();
    const done = await Promise.all(
      Array.from({ length: 20 }, () => {
        let runs = 0;
        return auth.run(() => {
          runs += 1;
          if (runs === 1) throw new SdkError(401, 'M_UNKNOWN_TOKEN');
          return 'done';
        });
      }),
    );
    expect(new Set(done)).toEqual(new Set(['done']));
    expect(homeserver.refreshes).toBe(1);
  });

  it('give a client without a token its token again', async () => {
    const client = new FakeClient();
    const { auth } = await makeAuth({ client });
    await auth.start();
    let runs = 0;
    await auth.run(() => {
      runs += 1;
      if (runs === 1) throw new SdkError(401, 'M_MISSING_TOKEN');
    });
    expect(client.connects.map(({ replace }) => replace)).toEqual([false, false]);
  });
});

describe('on and subscribe', () => {
  it('subscribe tells the state now and each one after, until it is ended', async () => {
    const { auth } = await makeAuth();
    const told: string[] = [];
    const end = auth.subscribe(({ detail }) => told.push(detail));
    expect(told).toEqual(['restoring.reading']);
    await auth.start();
    expect(told.at(-1)).toBe('valid.scheduled');
    end();
    const before = told.length;
    await auth.refresh();
    expect(told).toHaveLength(before);
  });

  it('tell of logins, refreshes and the lock', async () => {
    const { auth, homeserver, proxy } = await makeAuth();
    const told: unknown[] = [];
    auth.on('logged-in', ({ session }) => told.push(['logged-in', session.generation]));
    auth.on('refreshed', ({ session }) => told.push(['refreshed', session.generation]));
    auth.on('locked', () => {
      told.push('locked');
      homeserver.setLocked('@bot:localhost', false);
    });
    await auth.start();
    await auth.refresh();
    homeserver.setLocked('@bot:localhost', true);
    expect((await auth.fetch(`${proxy.url}${WHOAMI}`)).status).toBe(200);
    expect(told).toEqual([['logged-in', 1], ['refreshed', 2], 'locked']);
  });
});

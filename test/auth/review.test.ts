import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import {
  AuthStoppedError,
  authMachine,
  credentials,
  memorySessions,
  type Session,
  type SessionStore,
} from '../../src/index.ts';
import type {
  ConnectOutcome,
  IdentifyOutcome,
  RenewOutcome,
  RestoreOutcome,
} from '../../src/machines/index.ts';
import { FakeClient, makeAuth, PASSWORD, quick, SdkError, WHOAMI } from './make.ts';

afterEach(() => vi.restoreAllMocks());

describe('after stop()', () => {
  it('called in a listener, the session is stopped, too', async () => {
    const { auth, proxy } = await makeAuth();
    let stopped: Promise<void> | undefined;
    auth.on('state', ({ state }) => {
      if (state === 'valid') stopped ??= auth.stop();
    });
    await auth.start().catch(() => undefined);
    await stopped;
    expect(auth.snapshot().state).toBe('stopped');
    await expect(auth.fetch(`${proxy.url}${WHOAMI}`)).rejects.toBeInstanceOf(AuthStoppedError);
  });

  it('of a session that was never started, requests are refused at once', async () => {
    const { auth, proxy } = await makeAuth({ maxHeldMs: 30 });
    await auth.stop();
    expect(auth.snapshot().state).toBe('stopped');
    await expect(auth.fetch(`${proxy.url}${WHOAMI}`)).rejects.toBeInstanceOf(AuthStoppedError);
  });

  it('a request that was refused and waits gets AuthStoppedError, not the 401 that logs an SDK out', async () => {
    const { auth, proxy } = await makeAuth({ requestTimeoutMs: 500 });
    await auth.start();
    proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'hang' } });
    proxy.inject({
      match: { path: '/whoami' },
      fault: { kind: 'answer', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } },
    });
    const answer = auth.fetch(`${proxy.url}${WHOAMI}`);
    answer.catch(() => undefined);
    await proxy.waitFor({ path: '/refresh' }, { phase: 'start' });
    const stopped = auth.stop();
    await expect(answer).rejects.toBeInstanceOf(AuthStoppedError);
    proxy.clear();
    await stopped;
  });

  it('work that ends for the lack of a token does not bring the client back to life', async () => {
    const client = new FakeClient();
    const { auth } = await makeAuth({ client });
    await auth.start();
    const work = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const result = auth.run(() => {
      began.resolve();
      return work.promise;
    });
    result.catch(() => undefined);
    await began.promise;
    await auth.stop();
    work.reject(new SdkError(401, 'M_MISSING_TOKEN'));
    await expect(result).rejects.toBeInstanceOf(Error);
    expect(client.connects).toHaveLength(1);
  });

  it('the exchange under way is waited for, even if the client cannot be stopped', async () => {
    const sessions = memorySessions();
    const client = new FakeClient();
    client.stopping = () => Promise.reject(new Error('the client hangs'));
    const { auth, proxy } = await makeAuth({ client, sessions });
    await auth.start();
    proxy.latencyMs = 20;
    void auth.refresh().catch(() => undefined);
    await proxy.waitFor({ path: '/refresh' }, { phase: 'start' });
    await auth.stop().catch(() => undefined);
    expect((await sessions.read('default', 'session'))?.session?.generation).toBe(2);
    // Whatever is left of it ends here, so that the next test is alone.
    await auth.stop().catch(() => undefined);
  });

  it('events that come late are ignored without a word on the console', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { auth } = await makeAuth();
    await auth.start();
    await auth.stop();
    auth.retry();
    auth.provideCredentials({ username: 'bot', password: PASSWORD });
    expect(warn).not.toHaveBeenCalled();
  });

  it('in the same turn as refresh(), the process does not crash, and refresh() rejects', async () => {
    const script = `
      import { createMatrixAuth, credentials } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)};
      import { startTestHomeserver } from ${JSON.stringify(new URL('../../src/testing/index.ts', import.meta.url).href)};
      const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'pw' }] });
      const auth = createMatrixAuth({
        homeserver: homeserver.url,
        credentials: credentials({ username: 'bot', password: 'pw' }),
        logger: false,
      });
      await auth.start();
      const refreshed = auth.refresh().then(() => 'resolved', (error) => error.name);
      const stopped = auth.stop();
      console.log(await Promise.race([refreshed, new Promise((done) => setTimeout(done, 300, 'never settled'))]));
      await stopped;
      await homeserver.stop();
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, output: output.trim(), crash: /\w*Error: .*/.exec(errors)?.[0] }).toEqual({
      code: 0,
      output: 'AuthStoppedError',
      crash: undefined,
    });
  });
});

describe('refresh()', () => {
  it('rejects if no new token came of it, although the old one still works', async () => {
    const source = await makeAuth();
    await source.auth.start();
    const { auth } = await makeAuth({
      homeserver: source.proxy.url,
      credentials: credentials({ accessToken: await source.auth.accessToken(), refreshToken: 'syr_dead' }),
    });
    await auth.start();
    const before = auth.snapshot().generation;
    const outcome = await auth.refresh().then(
      () => 'resolved',
      () => 'rejected',
    );
    expect(auth.snapshot()).toMatchObject({ state: 'valid', generation: before });
    expect(outcome).toBe('rejected');
  });
});

describe('the machine and the keeper', () => {
  it('agree on the generation, if the account is locked while a refresh is under way', async () => {
    const release = Promise.withResolvers<void>();
    let locked = true;
    let dead = false;
    const refused: (string | null)[] = [];
    const sessions = memorySessions();
    const { auth, proxy, reaches } = await makeAuth({
      sessions,
      maxHeldMs: 500,
      fetch: async (input, init) => {
        const url = input instanceof Request ? input.url : String(input);
        if (url.endsWith('/refresh')) {
          const response = await fetch(input, init);
          await release.promise;
          return response;
        }
        if (url.endsWith('/joined_rooms') && locked) {
          locked = false;
          return Response.json({ errcode: 'M_USER_LOCKED', soft_logout: true }, { status: 401 });
        }
        if (url.endsWith('/joined_rooms') && dead) {
          refused.push(new Headers(init?.headers).get('authorization'));
          if (refused.length > 20) throw new TypeError('a request storm');
          return Response.json({ errcode: 'M_UNKNOWN_TOKEN' }, { status: 401 });
        }
        return fetch(input, init);
      },
    });
    await auth.start();
    const refreshed = auth.refresh();
    refreshed.catch(() => undefined);
    await proxy.waitFor({ path: '/refresh' });
    const held = auth.fetch(`${proxy.url}/_matrix/client/v3/joined_rooms`);
    held.catch(() => undefined);
    await reaches('locked');
    release.resolve();
    await reaches('valid');
    await held;
    // The transaction has written generation 2 by now: whoever asks the store in turn comes after it.
    await sessions.update('default', 'session', () => ({ result: undefined }));
    const stored = (await sessions.read('default', 'session'))?.session?.generation;
    expect(stored).toBe(2);
    dead = true;
    await auth.fetch(`${proxy.url}/_matrix/client/v3/joined_rooms`).catch(() => undefined);
    // Compared as a number: no failure is to print a token.
    expect(new Set(refused).size).toBe(refused.length);
  });

  it('know that there is a password, if another process renews the session during the start', async () => {
    const source = memorySessions();
    let changed = () => {};
    const readOnce = Promise.withResolvers<void>();
    let reads = 0;
    const sessions: SessionStore = {
      ...source,
      read: async (name, kind) => {
        reads += 1;
        // The first read is that of the start: it takes its time.
        if (reads === 1) await readOnce.promise;
        return source.read(name, kind);
      },
      watch: (_, listener) => {
        changed = listener;
        return () => {};
      },
    };
    const other = await makeAuth({ sessions: source });
    await other.auth.start();
    const { auth, reaches } = await makeAuth({ homeserver: other.proxy.url, sessions });
    const started = auth.start();
    changed();
    readOnce.resolve();
    await started;
    await reaches('valid');
    expect(auth.actor.getSnapshot().context.canLogIn).toBe(true);
  });

  it('find the homeserver, if another process renews the session during the look-up', async () => {
    const source = memorySessions();
    let changed = () => {};
    const sessions: SessionStore = {
      ...source,
      watch: (_, listener) => {
        changed = listener;
        return () => {};
      },
    };
    const other = await makeAuth({ sessions: source });
    await other.auth.start();
    let lookUps = 0;
    const { auth, states } = await makeAuth({
      homeserver: 'example.org',
      sessions,
      fetch: async (input, init) => {
        if (input instanceof Request || !input.toString().includes('.well-known')) return fetch(input, init);
        lookUps += 1;
        if (lookUps === 1) {
          // Once start() has begun to watch the store.
          await new Promise((resolve) => setImmediate(resolve));
          changed();
          await new Promise((_, reject) =>
            init?.signal?.addEventListener('abort', () => reject(new Error('gone'))),
          );
        }
        return Response.json({ 'm.homeserver': { base_url: other.proxy.url } });
      },
    });
    const done = auth.start().then(() => 'started');
    const stuck = new Promise((resolve) => {
      auth.on('state', () => {
        if (states.filter(({ detail }) => detail === 'reconnecting.backingOff').length > 5) resolve('stuck');
      });
    });
    expect(await Promise.race([done, stuck])).toBe('started');
  });
});

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

describe('a client that dies', () => {
  const session: Session = {
    userId: '@bot:localhost',
    deviceId: 'DEV',
    generation: 1,
    fingerprint: '01234567',
    obtainedAt: Date.now(),
    refreshable: true,
  };

  function start() {
    const connects: { readonly replace: boolean; done(): void }[] = [];
    const exchange = Promise.withResolvers<void>();
    const actor = createActor(
      authMachine.provide({
        actors: {
          restore: fromPromise<RestoreOutcome>(async () => ({
            outcome: 'restored',
            session,
            canLogIn: false,
          })),
          identify: fromPromise<IdentifyOutcome, { readonly generation: number; readonly failures: number }>(
            async () => ({
              outcome: 'identified',
              userId: '@bot:localhost',
              deviceId: 'DEV',
            }),
          ),
          exchange: fromPromise<RenewOutcome, { readonly generation: number; readonly failures: number }>(
            async () => {
              await exchange.promise;
              return {
                outcome: 'refused',
                rejection: { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
              };
            },
          ),
          connect: fromPromise<
            ConnectOutcome,
            { readonly generation: number; readonly failures: number; readonly replace: boolean }
          >(
            ({ input }) =>
              new Promise((resolve) => {
                connects.push({ replace: input.replace, done: () => resolve({ outcome: 'connected' }) });
              }),
          ),
        },
      }),
      { input: {} },
    ).start();
    const reaches = (state: Parameters<ReturnType<typeof actor.getSnapshot>['matches']>[0]) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!actor.getSnapshot().matches(state)) return;
          subscription?.unsubscribe();
          resolve();
        };
        const subscription = actor.subscribe(check);
        check();
      });
    return { actor, connects, exchange, reaches };
  }

  it('while it is being connected is replaced', async () => {
    const { actor, connects, reaches } = start();
    await reaches({ reconnecting: 'connecting' });
    actor.send({ type: 'client.died' });
    connects[0]?.done();
    await new Promise((resolve) => setImmediate(resolve));
    expect(connects.map(({ replace }) => replace)).toEqual([false, true]);
    actor.stop();
  });

  it('during a refresh that brings nothing is replaced, since the old token still serves', async () => {
    const { actor, connects, exchange, reaches } = start();
    await reaches({ reconnecting: 'connecting' });
    connects[0]?.done();
    await reaches('valid');
    actor.send({ type: 'refresh' });
    await reaches('refreshing');
    actor.send({ type: 'client.died' });
    exchange.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(connects.map(({ replace }) => replace)).toEqual([false, true]);
    actor.stop();
  });
});

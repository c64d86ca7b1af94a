import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  createMatrixAuth,
  credentials,
  memorySessions,
  type SessionStore,
  SessionStoreError,
} from '../../src/index.ts';
import { FakeClient, makeAuth, PASSWORD, WHOAMI } from './make.ts';

/** A store that fails its next `times` calls with `error`. `onTransact` is told before each transaction. */
function failing(error: () => unknown, times = 1) {
  const inner = memorySessions();
  const control = { times, onTransact: () => {} };
  const mayFail = () => {
    if (control.times === 0) return;
    control.times -= 1;
    throw error();
  };
  const store: SessionStore = {
    ...inner,
    read: async (name, kind) => {
      mayFail();
      return inner.read(name, kind);
    },
    update: async (name, kind, change) => {
      control.onTransact();
      mayFail();
      return inner.update(name, kind, change);
    },
  };
  return { store, control };
}
const temporary = () => new SessionStoreError('the disk is away', { permanent: false });
const permanent = () => new SessionStoreError('the key is wrong', { permanent: true });

describe('the store', () => {
  it('away at the start: tries again until it is there', async () => {
    const { store } = failing(temporary, 3);
    const { auth, states } = await makeAuth({ sessions: store });
    await auth.start();
    const backingOff = states.filter(({ detail }) => detail === 'restoring.backingOff');
    expect(backingOff).toHaveLength(3);
    expect(backingOff[0]).toMatchObject({ trouble: 'the disk is away', next: { what: 'try again' } });
  });

  it('unusable at the start: failed, with the error that says why, and nothing was sent', async () => {
    const { store } = failing(permanent);
    const { auth, proxy, log } = await makeAuth({ sessions: store });
    const error = await auth.start().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'AuthFailedError', reason: 'store-unusable' });
    expect((error as Error).message).toContain('the key is wrong');
    expect((error as Error).cause).toBeInstanceOf(SessionStoreError);
    expect(proxy.requests).toEqual([]);
    expect(log).toEqual([expect.stringContaining('the key is wrong')]);
    await auth.start();
    expect(auth.snapshot().state).toBe('valid');
  });

  it('that throws what no store may throw is trouble, and signs nobody out', async () => {
    const { store } = failing(() => new TypeError('a bug'));
    const { auth, states } = await makeAuth({ sessions: store });
    await auth.start();
    expect(states.some(({ trouble }) => trouble === 'an unexpected error in a service')).toBe(true);
  });

  it('unusable at a refresh: failed, and the client is suspended', async () => {
    const { store, control } = failing(permanent, 0);
    const client = new FakeClient();
    const { auth } = await makeAuth({ sessions: store, client });
    await auth.start();
    control.times = 1;
    await expect(auth.refresh()).rejects.toMatchObject({ reason: 'store-unusable' });
    expect(client.suspends).toBe(1);
    await expect(auth.accessToken()).rejects.toMatchObject({ reason: 'store-unusable' });
  });

  it('away when the client asks how far it had come: requests go on, and the client is started later', async () => {
    const client = new FakeClient();
    const times = [temporary(), temporary()];
    client.connecting = async () => {
      const error = times.pop();
      if (error !== undefined) throw error;
    };
    const { auth, proxy, reaches, states } = await makeAuth({ client });
    const started = auth.start();
    await reaches('reconnecting.pausing');
    expect((await auth.fetch(`${proxy.url}${WHOAMI}`)).status).toBe(200);
    await started;
    expect(client.connects).toHaveLength(3);
    expect(states.find(({ detail }) => detail === 'reconnecting.pausing')?.trouble).toBe('the disk is away');
    expect(auth.snapshot().trouble).toBeUndefined();
  });

  it('away while whoami is written: asks again, and goes on', async () => {
    const { store, control } = failing(temporary, 0);
    const { auth, proxy } = await makeAuth({
      sessions: store,
      credentials: credentials({ accessToken: 'x' }),
    });
    // The first change writes the given token, and whose it is.
    proxy.inject({
      match: { path: '/whoami' },
      times: 2,
      fault: { kind: 'answer', status: 200, body: { user_id: '@bot:localhost' } },
    });
    let transactions = 0;
    control.onTransact = () => {
      transactions += 1;
      if (transactions === 1) control.times = 1;
    };
    await auth.start();
    expect(auth.snapshot()).toMatchObject({ state: 'valid', userId: '@bot:localhost' });
    expect(proxy.count({ path: '/whoami' })).toBe(2);
  });

  it('away at a commit: the token that was issued is used, and no second one asked for', async () => {
    const { store, control } = failing(temporary, 0);
    const { auth, homeserver } = await makeAuth({ sessions: store });
    await auth.start();
    control.times = 1;
    await auth.refresh();
    expect(homeserver.refreshes).toBe(1);
    expect(auth.snapshot().generation).toBe(2);
  });
});

describe('the client', () => {
  it('that cannot be made: failed, with what it threw; retry makes it again', async () => {
    const client = new FakeClient();
    client.connecting = () => Promise.reject(new Error('the bot threw'));
    const { auth, homeserver } = await makeAuth({ client });
    const events: unknown[] = [];
    auth.on('failed', (event) => events.push(event));
    await expect(auth.start()).rejects.toMatchObject({ reason: 'client-failed' });
    expect(events).toMatchObject([
      { type: 'failed', reason: 'client-failed', cause: { message: 'the bot threw' } },
    ]);
    client.connecting = async () => {};
    await auth.start();
    expect(auth.client).toBe(client.client);
    expect(homeserver.logins).toBe(1);
  });

  it('that died is replaced', async () => {
    const client = new FakeClient();
    const { auth, reaches } = await makeAuth({ client });
    await auth.start();
    await reaches('valid');
    client.onDied();
    await reaches('valid');
    expect(client.connects.map(({ replace }) => replace)).toEqual([false, true]);
  });
});

describe('whose token it is', () => {
  it('another user’s than the one that is configured: failed, and nothing was sent with it', async () => {
    const { auth, homeserver, proxy } = await makeAuth();
    await auth.start();
    const accessToken = await auth.accessToken();
    homeserver.createUser('other', PASSWORD);
    const second = await makeAuth({
      homeserver: proxy.url,
      credentials: credentials({ accessToken, username: 'other', password: PASSWORD }),
    });
    await expect(second.auth.start()).rejects.toMatchObject({ reason: 'identity-mismatch' });
  });
});

describe('a server name', () => {
  it('is looked up once, at the start, until it is found; never after', async () => {
    const asked: string[] = [];
    const { homeserver, proxy, auth } = await makeAuth({
      homeserver: 'example.org',
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : String(input));
        if (url.host !== 'example.org') return fetch(input, init);
        asked.push(url.pathname);
        return Promise.resolve(
          asked.length < 3
            ? new Response('<html>', { status: 500 })
            : Response.json({ 'm.homeserver': { base_url: `${proxy.url}/` } }),
        );
      },
    });
    const early = auth.fetch(`${proxy.url}${WHOAMI}`);
    await auth.start();
    expect((await early).status).toBe(200);
    homeserver.revokeSession('@bot:localhost');
    expect((await auth.fetch(`${proxy.url}${WHOAMI}`)).status).toBe(200);
    expect(asked).toEqual(Array(3).fill('/.well-known/matrix/client'));
  });
});

it('listeners of "failed" see a snapshot that has failed', async () => {
  const { auth } = await makeAuth({ credentials: credentials({ accessToken: 'dead' }) });
  const seen: unknown[] = [];
  auth.on('failed', () => seen.push(auth.snapshot().state));
  await expect(auth.start()).rejects.toMatchObject({ reason: 'token-refused' });
  expect(seen).toEqual(['failed']);
});

describe('what nobody listens for is logged', () => {
  it('a failure: once, with its advice', async () => {
    const { auth, log } = await makeAuth({ credentials: credentials({ accessToken: 'dead' }) });
    await expect(auth.start()).rejects.toMatchObject({ reason: 'token-refused' });
    await expect(auth.accessToken()).rejects.toMatchObject({ reason: 'token-refused' });
    expect(log).toEqual([expect.stringMatching(/^matrix-auth-machine: .*token-refused.*MATRIX_PASSWORD/)]);
  });

  it('a warning', async () => {
    const { auth, homeserver, log } = await makeAuth();
    await auth.start();
    homeserver.revokeSession('@bot:localhost');
    await auth.refresh();
    expect(log).toEqual([expect.stringMatching(/^matrix-auth-machine: .*refused the refresh token/)]);
  });

  it('and not, where somebody does', async () => {
    const { auth, homeserver, log } = await makeAuth();
    const heard: string[] = [];
    auth.on('warning', ({ warning }) => heard.push(warning.kind));
    auth.on('failed', ({ reason }) => heard.push(reason));
    await auth.start();
    homeserver.setPassword('@bot:localhost', 'another');
    await expect(auth.refresh()).rejects.toMatchObject({ name: 'CannotRenewError' });
    expect(heard).toEqual(['refresh-refused', 'login-refused']);
    expect(log).toEqual([]);
  });

  it('a token that did not arrive: once, with the likely cause', async () => {
    const { auth, proxy, log } = await makeAuth();
    await auth.start();
    proxy.inject({
      match: { path: '/joined_rooms' },
      times: 3,
      fault: { kind: 'answer', status: 401, body: { errcode: 'M_MISSING_TOKEN' } },
    });
    for (let call = 0; call < 3; call += 1) {
      const response = await auth.fetch(`${proxy.url}/_matrix/client/v3/joined_rooms`);
      expect(response.status).toBe(401);
    }
    expect(log).toEqual([expect.stringContaining('proxy in front of it strips the Authorization header')]);
    expect(proxy.count({ path: '/login' })).toBe(1);
  });
});

it('no secret is in what XState shows, in the events, the errors and the public objects', async () => {
  const password = 'canary-pw-Services01';
  const frames: unknown[] = [];
  const { auth, homeserver, proxy, states, log } = await makeAuth(
    {
      credentials: credentials({ username: 'bot', password }),
      inspect: (frame) => {
        if (frame.type === '@xstate.event') frames.push(frame.event);
        if (frame.type !== '@xstate.snapshot') return;
        // The rest of a snapshot is the machine itself: the same each time, and large.
        const { context, input, output, error } = frame.snapshot as unknown as Record<string, unknown>;
        frames.push({ context, input, output, error });
      },
    },
    { users: [{ localpart: 'bot', password }] },
  );
  const events: unknown[] = [];
  for (const type of ['refreshed', 'logged-in', 'failed', 'state'] as const) {
    auth.on(type, (event) => events.push(event));
  }
  await auth.start();
  const tokens = [password, await auth.accessToken()];
  await auth.refresh();
  tokens.push(await auth.accessToken());
  homeserver.setPassword('@bot:localhost', 'another');
  await auth.fetch(`${proxy.url}${WHOAMI}`);
  const error = await auth.fetch(`${proxy.url}${WHOAMI}`).catch((thrown: unknown) => thrown);
  const plain = [auth.actor.getPersistedSnapshot(), auth.snapshot(), frames, events, states, log];
  const printed = [
    ...plain.map((one) => inspect(one, { depth: 8 })),
    ...[auth, auth.actor, auth.actor.getSnapshot(), error].map((one) =>
      inspect(one, { depth: 3, showHidden: true }),
    ),
  ].join('\n');
  expect(tokens.map((token) => printed.includes(token))).toEqual([false, false, false]);
  expect(frames.length).toBeGreaterThan(0);
});

it('nothing to sign in with, and no address, are errors at construction', () => {
  expect(() => createMatrixAuth({ homeserver: 'https://x.org', credentials: credentials({}) })).toThrow(
    /nothing to sign in with/,
  );
  const given = credentials({ accessToken: 'x' });
  expect(() => createMatrixAuth({ homeserver: ' ', credentials: given })).toThrow(/HOMESERVER_URL/);
  expect(() => createMatrixAuth({ homeserver: 'ftp://x', credentials: given })).toThrow(
    /not an http or https URL/,
  );
});

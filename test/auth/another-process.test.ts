import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { memorySessions, type SessionStore } from '../../src/index.ts';
import { makeAuth } from './make.ts';

/** The look-up of a homeserver is given up after a second, and not after half a minute. */
function shortenLookUps(): void {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const spy = vi.spyOn(AbortSignal, 'timeout');
  spy.mockImplementation((ms) => timeout(ms === 30_000 ? 1_000 : ms));
  onTestFinished(() => spy.mockRestore());
}

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
    shortenLookUps();
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

import { describe, expect, it } from 'vitest';
import { credentials, memorySessions, type SessionStore } from '../../src/index.ts';
import { startTestHomeserver } from '../../src/testing/index.ts';
import { makeAuth, PASSWORD, WHOAMI } from './make.ts';

const typo = () => `canary-at-${Math.random().toString(36).slice(2)}`;

/** A store with the session of a bot that has signed in by password, and that no password is given for any more. */
async function signedInBefore(sessions: SessionStore): Promise<Awaited<ReturnType<typeof makeAuth>>> {
  const first = await makeAuth({ sessions });
  await first.auth.start();
  await first.auth.stop();
  return first;
}

/** Another session of the same account. */
async function anotherToken(homeserver: { readonly url: string }, user = 'bot'): Promise<string> {
  const response = await fetch(`${homeserver.url}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user },
      password: PASSWORD,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

describe('an access token given beside a stored session that works', () => {
  it.each(['once', 'at each of three starts'])('costs nothing where it is mistyped, %s', async (often) => {
    const sessions = memorySessions();
    const { proxy } = await signedInBefore(sessions);
    for (let start = 0; start < (often === 'once' ? 1 : 3); start += 1) {
      const { auth, log } = await makeAuth({
        sessions,
        homeserver: proxy.url,
        credentials: credentials({ accessToken: typo() }),
      });
      await auth.start();
      expect(auth.snapshot()).toMatchObject({ state: 'valid', userId: '@bot:localhost' });
      expect(log.join()).toContain('ACCESS_TOKEN');
      await auth.stop();
    }
    const without = await makeAuth({ sessions, homeserver: proxy.url, credentials: {} });
    await without.auth.start();
    await without.auth.refresh();
    expect(without.auth.snapshot()).toMatchObject({ state: 'valid' });
  });

  it('is not taken where it is another user’s', async () => {
    const sessions = memorySessions();
    await using elsewhere = await startTestHomeserver({
      users: [
        { localpart: 'bot', password: PASSWORD },
        { localpart: 'alice', password: PASSWORD },
      ],
    });
    const first = await makeAuth({ sessions, homeserver: elsewhere.url });
    await first.auth.start();
    await first.auth.stop();
    const { auth, log } = await makeAuth({
      sessions,
      homeserver: elsewhere.url,
      credentials: credentials({ accessToken: await anotherToken(elsewhere, 'alice') }),
    });
    await auth.start();
    expect(auth.snapshot().userId).toBe('@bot:localhost');
    expect(log.join()).toContain('another user');
  });

  it('takes its place where the homeserver takes it', async () => {
    const sessions = memorySessions();
    const { proxy, homeserver } = await signedInBefore(sessions);
    const token = await anotherToken(homeserver);
    const { auth } = await makeAuth({
      sessions,
      homeserver: proxy.url,
      credentials: credentials({ accessToken: token }),
    });
    await auth.start();
    expect(await auth.accessToken()).toBe(token);
  });

  it('waits for the end of the stored one where the homeserver gives no answer about it', async () => {
    const sessions = memorySessions();
    const { proxy, homeserver } = await signedInBefore(sessions);
    const token = await anotherToken(homeserver);
    proxy.inject({ match: { path: WHOAMI }, fault: { kind: 'answer', status: 503, body: {} }, times: 1 });
    const { auth } = await makeAuth({
      sessions,
      homeserver: proxy.url,
      credentials: credentials({ accessToken: token }),
    });
    await auth.start();
    expect(await auth.accessToken()).not.toBe(token);
  });

  it('is taken once by each of two replicas whose environments differ, however often they start', async () => {
    const sessions = memorySessions();
    const { proxy, homeserver } = await signedInBefore(sessions);
    const tokens = [await anotherToken(homeserver), await anotherToken(homeserver)];
    const generations: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const accessToken of tokens) {
        const { auth } = await makeAuth({
          sessions,
          homeserver: proxy.url,
          credentials: credentials({ accessToken }),
        });
        await auth.start();
        generations.push(auth.snapshot().generation ?? 0);
        await auth.stop();
      }
    }
    expect(generations).toEqual([2, 3, 3, 3, 3, 3]);
  });
});

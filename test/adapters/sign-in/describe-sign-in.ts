import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { meaningOf, type Rejection, type SignIn } from '../../../src/index.ts';
import {
  type Fault,
  type FaultProxy,
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserver,
  type TestHomeserverOptions,
} from '../../../src/testing/index.ts';
import { contextFor } from './context.ts';

export interface SignInUnderTest {
  readonly homeserver?: TestHomeserverOptions;
  /** A way that the homeserver takes, as `@bot:localhost`. It has {@link canary} in it, where it has a secret. */
  readonly right: (homeserver: TestHomeserver, canary: string) => SignIn;
  /** The same way, refused by the homeserver: for its secret, or by the person. */
  readonly wrong: (canary: string, homeserver: TestHomeserver) => SignIn;
  /** The requests that it consists of. Default: the login. */
  readonly requests?: RegExp;
  /** Its sessions have a refresh token, whether one is wanted or not. */
  readonly alwaysRefreshes?: true;
}

export const CANARY = 'canary-pw-0123456789abcdef';
/** As long as the key of a signature has to be. */
export const KEY = 'the key of the tokens, long enough for HS256';

const html = {
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<h1>Hello</h1>',
} as const;

/** What every way to sign in does. */
export function describeSignIn(
  name: string,
  { right, wrong, homeserver: options, requests = /\/login$/, alwaysRefreshes }: SignInUnderTest,
): void {
  describe(`${name}, as a way to sign in`, () => {
    let homeserver: TestHomeserver;
    let proxy: FaultProxy;
    beforeAll(async () => {
      homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: CANARY }], ...options });
      proxy = await startFaultProxy({ target: homeserver.url });
    });
    beforeEach(() => proxy.clear());
    afterAll(async () => {
      await proxy.stop();
      await homeserver.stop();
    });

    const rejectionOf = async (way: SignIn, more = {}): Promise<Rejection> => {
      const answer = await way.begin(contextFor(proxy.url, more));
      if (answer.ok) throw new Error('It was signed in.');
      return answer.rejection;
    };
    const failing = async (fault: Fault) => {
      proxy.inject({ match: { method: 'POST', path: requests }, fault, times: 10 });
      return rejectionOf(right(homeserver, CANARY));
    };

    it('has a kind, and advice in whole sentences', () => {
      const { kind, advice } = right(homeserver, CANARY);
      expect(kind).toMatch(/^[a-z-]+$/);
      for (const words of [advice.refused, advice.unsupported]) expect(words).toMatch(/^[A-Z].{30,}\.$/);
    });

    it('signs in on the device that it is told, and asks for a refresh token', async () => {
      const answer = await right(homeserver, CANARY).begin(contextFor(proxy.url, { deviceId: 'THISDEVICE' }));
      expect(answer).toMatchObject({ ok: true, value: { userId: '@bot:localhost', deviceId: 'THISDEVICE' } });
      if (!answer.ok) return;
      expect(answer.value.refreshToken).toBeDefined();
      expect(answer.value.expiresInMs).toBe(300_000);
      expect(homeserver.devices('@bot:localhost')).toContain('THISDEVICE');
    });

    if (!alwaysRefreshes) {
      it('asks for no refresh token where none is wanted', async () => {
        const answer = await right(homeserver, CANARY).begin(contextFor(proxy.url, { refreshTokens: false }));
        expect(answer.ok && answer.value.refreshToken).toBe(undefined);
      });
    }

    it('can be used again where it says so, on the same device', async () => {
      const way = right(homeserver, CANARY);
      await way.begin(contextFor(proxy.url));
      const again = await way.begin(contextFor(proxy.url));
      expect(again.ok).toBe(way.reusable);
    });

    it('refused: that is an answer, and no exception', async () => {
      expect(meaningOf(await rejectionOf(wrong(CANARY, homeserver)))).toBe('login-refused');
    });

    it.each<[string, Fault]>([
      ['500', { kind: 'answer', status: 500, body: { errcode: 'M_UNKNOWN', error: 'no' } }],
      ['HTML', html],
      ['403 of a firewall', { ...html, status: 403 }],
      ['a connection that ends', { kind: 'cut' }],
      ['half a body', { kind: 'cut-body' }],
    ])('%s: trouble that may pass', async (_, fault) => {
      expect(meaningOf(await failing(fault))).toBe('transient');
    });

    it('429: as well, and it says how long to wait', async () => {
      const rejection = await failing({
        kind: 'answer',
        status: 429,
        headers: { 'retry-after': '7' },
        body: { errcode: 'M_LIMIT_EXCEEDED', error: 'no' },
      });
      expect(meaningOf(rejection)).toBe('transient');
      expect(rejection.retryAfterMs).toBe(7_000);
    });

    it('no such login: unsupported', async () => {
      const rejection = await failing({
        kind: 'answer',
        status: 400,
        body: { errcode: 'M_UNKNOWN', error: 'Unknown login type' },
      });
      expect(meaningOf(rejection)).toBe('unsupported');
    });

    it('an aborted signal ends it, without an exception', async () => {
      const { hit } = proxy.inject({ match: { method: 'POST', path: requests }, fault: { kind: 'hang' } });
      const ended = new AbortController();
      const rejection = rejectionOf(right(homeserver, CANARY), { signal: ended.signal });
      await hit;
      ended.abort();
      expect(meaningOf(await rejection)).toBe('transient');
    });

    it('shows no secret, whoever prints it or its refusal', async () => {
      const shown = [
        right(homeserver, CANARY),
        wrong(CANARY, homeserver),
        await rejectionOf(wrong(CANARY, homeserver)),
      ].map((thing) => `${inspect(thing, { depth: null, showHidden: true })}${JSON.stringify(thing)}`);
      expect(shown.join()).not.toContain(CANARY);
    });
  });
}

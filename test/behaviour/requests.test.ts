import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { AuthStoppedError, credentials } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { lengthened } from '../support/slowness.ts';

const lifetimeMs = lengthened(1_500);

const reactive = { refreshAfter: 100, expiryMarginMs: -60_000 };

describeOnBoth('a request in flight', { accessTokenLifetimeMs: lifetimeMs }, ({ homeserver, proxy }) => {
  async function startedBot(schedule = {}) {
    const user = await freshUser(homeserver());
    const bot = makeBot({
      homeserver: proxy().url,
      credentials: credentials({ username: user.localpart, password: user.password }),
      schedule,
    });
    await bot.auth.start();
    return { bot, user };
  }
  const whoami = () => `${proxy().url}/_matrix/client/v3/account/whoami`;
  const refused = () =>
    ({ kind: 'answer', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', soft_logout: false } }) as const;

  it('used the previous token: it is repeated with the new one, without a second refresh', async () => {
    const { bot } = await startedBot();
    const { fingerprint, expiresAt = 0 } = bot.auth.snapshot();
    // It reaches the homeserver when its token has run out, and a new one has long been there.
    proxy().inject({
      match: { path: '/joined_rooms' },
      fault: { kind: 'delay', delayMs: expiresAt - Date.now() + 500 },
    });
    const answer = await bot.auth.fetch(`${proxy().url}/_matrix/client/v3/joined_rooms`);
    expect(answer.status).toBe(200);
    const [first, second] = proxy().requests.filter(({ path }) => path.endsWith('/joined_rooms'));
    expect(first).toMatchObject({ tokenFingerprint: fingerprint, status: 401 });
    expect(second?.status).toBe(200);
    expect(proxy().count({ path: '/refresh' })).toBe((bot.auth.snapshot().generation ?? 0) - 1);
    expect(bot.sdkErrors).toEqual([]);
  });

  it('is aborted by its caller while it is held: it rejects at once, and the refresh goes on', async () => {
    const { bot } = await startedBot(reactive);
    proxy().inject({ match: { path: '/refresh' }, fault: { kind: 'delay', delayMs: 800 } });
    const from = bot.states.length;
    await bot.reaches('refreshing.required', from);
    const controller = new AbortController();
    const held = bot.auth.fetch(whoami(), { signal: controller.signal });
    controller.abort();
    await expect(held).rejects.toMatchObject({ name: 'AbortError' });
    expect(bot.auth.snapshot().state).toBe('refreshing');
    await bot.reaches('valid', from);
    expect(proxy().count({ path: '/account/whoami' })).toBe(1);
  });

  it('is held when the session is stopped: it rejects, and nothing is sent any more', async () => {
    const { bot } = await startedBot(reactive);
    proxy().inject({ match: { path: '/refresh' }, fault: { kind: 'delay', delayMs: 300 } });
    await bot.reaches('refreshing.required', bot.states.length);
    const held = bot.auth.fetch(whoami());
    const [refusal] = await Promise.all([held.catch((error: unknown) => error), bot.auth.stop()]);
    expect(refusal).toBeInstanceOf(AuthStoppedError);
    expect(proxy().requests.every(({ finishedAt }) => finishedAt !== undefined)).toBe(true);
    await expect(bot.auth.start()).rejects.toThrow(AuthStoppedError);
  });

  it('a fresh token is refused straight after its refresh: a breaker opens, and there is no loop', async () => {
    const { bot } = await startedBot({ ...reactive, breakerMinMs: 400 });
    const first = bot.auth.snapshot().fingerprint;
    const fresh = proxy().inject({
      match: ({ tokenFingerprint }) => tokenFingerprint !== undefined && tokenFingerprint !== first,
      times: Number.POSITIVE_INFINITY,
      fault: refused(),
    });
    const from = bot.states.length;
    await bot.reaches('refreshing.required.coolingDown', from);
    await bot.reaches('refreshing.required.coolingDown', bot.states.length);
    const refreshes = proxy().requests.filter(({ path }) => path.endsWith('/refresh'));
    expect(refreshes.length).toBeLessThanOrEqual(3);
    const pauses = refreshes.slice(1).map(({ at }, index) => at - (refreshes[index]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(400 - 20);
    fresh.remove();
    await bot.reaches('valid');
    expect((await bot.auth.fetch(whoami())).status).toBe(200);
    expect(bot.log.join()).toContain('issued a token and refused it');
    expect(proxy().count({ path: '/login' })).toBe(1);
  });
});

describeOnBoth('stop()', { accessTokenLifetimeMs: 5_000 }, ({ homeserver, proxy }) => {
  async function started() {
    const user = await freshUser(homeserver());
    const script = new URL('../support/start-and-stop.ts', import.meta.url).pathname;
    const running = promisify(execFile)(process.execPath, [script], {
      env: {
        PATH: process.env['PATH'],
        HOMESERVER_URL: proxy().url,
        MATRIX_USERNAME: user.localpart,
        MATRIX_PASSWORD: user.password,
      },
      timeout: 20_000,
    });
    return { user, running };
  }

  async function startAndStop(): Promise<void> {
    const { user, running } = await started();
    const { stdout } = await running;
    expect(stdout.trim().split('\n').at(-1)).toBe(`stopped ${user.userId}`);
  }

  it('leaves nothing running: the process ends by itself', () => startAndStop());

  it('leaves nothing running, either, of what the SDK was still asking for', async () => {
    const asked = proxy().inject({ match: { path: '/capabilities' }, fault: { kind: 'hang' } });
    await startAndStop();
    expect(asked.remaining).toBe(0);
  });

  it('leaves nothing running of a client that had not begun to sync', async () => {
    proxy().clear();
    proxy().inject({ match: { path: '/pushrules/' }, fault: { kind: 'hang' } });
    const { running } = await started();
    await proxy().waitFor({ path: '/pushrules/' }, { phase: 'start', timeoutMs: 20_000 });
    running.child.kill('SIGTERM');
    expect((await running).stdout).toContain('stopped early, with 0 timers');
  });
});

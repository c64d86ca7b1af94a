import { describe, expect, it } from 'vitest';
import { AuthFailedError, HomeserverAddressError } from '../../../src/index.ts';
import { adviceFor } from '../../../src/auth/voice/codes.ts';
import { SharedDevice } from '../../../src/auth/voice/shared-device.ts';
import type { SetUp } from './set-ups/set-up.ts';
import { setUps } from './set-ups.ts';
import { startBot } from './unheard-bot.ts';

const optionsOf = (name: string) => (setUps.find((setUp) => setUp.name === name) as SetUp).options;
const good: SetUp['options'] = async () => ({});
const everything = () => true;
const away = { kind: 'answer', status: 502, body: 'Bad Gateway' } as const;

describe('what is good', () => {
  it('is said: signed in as whom, where and until when; and stopped', async () => {
    const { auth, proxy, output, errorOutput, started } = await startBot(good);
    expect(await started).toBeUndefined();
    await auth.stop();
    expect(errorOutput).toEqual([]);
    expect(output).toEqual([
      expect.stringMatching(
        new RegExp(
          `signed in as @bot:localhost on device \\S+ at ${proxy.url}; the token is good until [\\d:]{8}\\.$`,
        ),
      ),
      'matrix-auth-machine: stopped.',
    ]);
  });

  it('a renewal is said to who wants to know it', async () => {
    const lines: string[] = [];
    const to = (line: string) => void lines.push(line);
    const { auth, started } = await startBot(async () => ({ logger: { warn: to, error: to, debug: to } }));
    await started;
    await auth.refresh();
    expect(lines).toEqual([expect.stringMatching(/the token was renewed; .*good until/)]);
  });

  it('a renewal is not said by itself; that it had to sign in again is', async () => {
    const { auth, homeserver, printed, output, time, started } = await startBot(good);
    await started;
    await auth.refresh();
    expect(printed).toHaveLength(1);
    homeserver.revokeSession('@bot:localhost');
    const asked = auth.fetch(`${auth.homeserver}/_matrix/client/v3/account/whoami`);
    await time.pass(30_000, () => printed.some((line) => line.includes('signed in again')));
    expect((await asked).status).toBe(200);
    expect(output.join('\n')).toMatch(/signed in again as @bot:localhost/);
  });

  it('is not said with logger: false', async () => {
    const { auth, printed, started } = await startBot(async () => ({ logger: false }));
    await started;
    await auth.stop();
    expect(printed).toEqual([]);
  });
});

describe('trouble that lasts', () => {
  it('is said once at first, then hourly', async () => {
    const { printed, time } = await startBot(optionsOf('a port that nothing listens at'));
    await time.pass(10_000);
    expect(printed).toHaveLength(1);
    await time.pass(2 * 3_600_000 + 600_000, () => false, 5_000);
    expect(printed).toHaveLength(3);
    expect(new Set(printed).size).toBe(1);
  });

  it('is said again when it changes, and when it is over', async () => {
    const { proxy, printed, errorOutput, time, started } = await startBot(async (place) => {
      place.proxy.inject({ match: everything, times: Number.POSITIVE_INFINITY, fault: away });
      return {};
    });
    await time.pass(10_000);
    proxy.clear();
    const page = { kind: 'answer', status: 200, body: '<html>' } as const;
    const injected = proxy.inject({ match: everything, times: Number.POSITIVE_INFINITY, fault: page });
    await time.pass(30_000);
    injected.remove();
    await time.pass(60_000, () => printed.length >= 4);
    expect(await started).toBeUndefined();
    expect(printed).toEqual([
      expect.stringContaining('server-error: '),
      expect.stringContaining('no-homeserver: '),
      expect.stringMatching(/over again: no-homeserver, after [\dmins ]+\.$/),
      expect.stringContaining('signed in as'),
    ]);
    expect(errorOutput).toEqual(printed.slice(0, 2));
  });

  it('is what it was where it is asked too early: the homeserver’s limit is not the login budget', async () => {
    const { auth, printed, time } = await startBot(optionsOf('a login that is rate-limited'));
    await time.pass(10_000, () => printed.length > 0);
    auth.retry();
    await time.pass(20_000);
    expect(printed).toEqual([expect.stringContaining('rate-limited: ')]);
    expect(auth.snapshot().trouble).toContain('the homeserver has asked to wait');
  });

  it('goes to who listens, and not to the logger', async () => {
    const { auth, printed, time } = await startBot(optionsOf('a port that nothing listens at'));
    const heard: string[] = [];
    auth.on('trouble', ({ code }) => heard.push(code));
    await time.pass(10_000);
    expect({ heard, printed }).toEqual({ heard: ['connection-refused'], printed: [] });
  });

  it('of a moment is not said once the bot is live', async () => {
    const { auth, proxy, printed, time, started } = await startBot(good);
    await started;
    proxy.inject({ match: { path: '/refresh' }, fault: away });
    const refreshed = auth.refresh();
    await time.pass(9_000);
    await refreshed;
    expect(printed.join('\n')).not.toMatch(/server-error|over again/);
  });
});

describe('an address where something answers that is no homeserver', () => {
  it('ends start() after a minute, with an error that says what answers', async () => {
    const { time, started } = await startBot(optionsOf('the address of a web client'));
    let ended = false;
    void started.then(() => {
      ended = true;
    });
    await time.pass(59_000, () => ended, 1_000);
    expect(ended).toBe(false);
    await time.pass(120_000, () => ended, 1_000);
    const error = await started;
    expect(error).toBeInstanceOf(AuthFailedError);
    expect(error).toMatchObject({ reason: 'no-homeserver', cause: expect.any(HomeserverAddressError) });
    expect((error as Error).message).toMatch(/"Element".*HOMESERVER_URL/);
  });

  it('ends start() although the login budget is spent before the minute is over', async () => {
    const { time, started, printed } = await startBot(async (place) => {
      const page = { kind: 'answer', status: 200, body: '<html>' } as const;
      const match = { path: '/login' };
      place.proxy.inject({ match, times: Number.POSITIVE_INFINITY, fault: page });
      return { loginBudget: { burst: 4, perMs: 120_000 } };
    });
    let end: unknown;
    void started.then((error) => {
      end = error;
    });
    await time.pass(400_000, () => end !== undefined, 1_000);
    expect(end).toMatchObject({ reason: 'no-homeserver' });
    expect(printed.join('\n')).toMatch(/login-budget-spent: the login budget is spent; the next try is at/);
  });

  it('does not end a session that has worked: it waits, and says so', async () => {
    const { auth, proxy, printed, time, started } = await startBot(good);
    await started;
    const page = { kind: 'answer', status: 200, body: '<html>' } as const;
    proxy.inject({ match: { path: '/refresh' }, times: Number.POSITIVE_INFINITY, fault: page });
    auth.refresh().catch(() => undefined);
    await time.pass(600_000, () => false, 5_000);
    expect(auth.snapshot().state).not.toBe('failed');
    expect(printed.filter((line) => line.includes('no-homeserver'))).toHaveLength(1);
  });
});

describe('logins that succeed while session after session ends', () => {
  const END = Date.now() + 3_600_000;

  it('make it likely that another process uses the device', () => {
    const shared = new SharedDevice();
    expect([shared.loggedIn(END), shared.loggedIn(END)]).toEqual([undefined, undefined]);
    expect(shared.loggedIn(END)?.code).toBe('device-shared');
    expect(adviceFor('device-shared')).toMatch(/another process.*sessionName/);
  });

  it('are nothing of the kind where each token has run its time', () => {
    const shared = new SharedDevice();
    for (let login = 0; login < 5; login += 1) expect(shared.loggedIn(Date.now() - 1)).toBeUndefined();
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { type AuthSnapshot, createMatrixAuth } from '../../../src/index.ts';
import { describeWithOAuthSynapse } from '../../oauth/describe.ts';
import type { OAuthHomeserver } from '../../support/oauth-homeserver.ts';
import { runCliProcess, startCli } from '../running.ts';

describeWithOAuthSynapse('login and logout', { timeout: 240_000 }, (start) => {
  let homeserver: OAuthHomeserver;
  beforeAll(async () => {
    homeserver = await start({ accessTokenLifetimeMs: 3_000 });
  });
  afterAll(() => homeserver.stop());

  it('a bot lives on what login has stored, says to run it when the session was ended, and goes on after it', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-login-'));
    onTestFinished(() => rm(cwd, { recursive: true, force: true }));
    const { userId } = await homeserver.createUser('bot');
    /** Runs the command; a person opens its link in Chromium. */
    async function signIn(): Promise<string> {
      const login = startCli(['login', homeserver.url, '--json'], { cwd });
      await login.prints(/Waiting until it is approved/);
      const link = /^ {2}Link: (\S+)$/m.exec(login.stderr)?.[1] ?? '';
      await homeserver.approve(userId, { message: '', link });
      expect(await login.ended).toBe(0);
      return (JSON.parse(login.stdout) as { readonly deviceId: string }).deviceId;
    }

    const deviceId = await signIn();
    const auth = createMatrixAuth({
      homeserver: homeserver.url,
      credentials: {},
      sessions: sqliteSessions(join(cwd, 'bot.db'), { watchMs: 50 }),
      logger: false,
    });
    onTestFinished(() => auth.stop());
    const reaches = (fits: (snapshot: AuthSnapshot) => boolean) =>
      new Promise<AuthSnapshot>((resolve) => {
        auth.on('state', (snapshot) => fits(snapshot) && resolve(snapshot));
      });
    await auth.start();
    const { generation = 0 } = auth.snapshot();
    await reaches((snapshot) => (snapshot.generation ?? 0) >= generation + 2);

    const ended = reaches(({ state }) => state === 'failed');
    await homeserver.endSession(userId, deviceId);
    const whoami = () => auth.fetch(`${homeserver.url}/_matrix/client/v3/account/whoami`);
    await whoami().catch(() => undefined);
    expect(await ended).toMatchObject({
      reason: 'session-ended',
      advice: expect.stringContaining('npx matrix-auth-machine login'),
    });
    const again = reaches(({ state }) => state === 'valid');
    expect(await signIn()).toBe(deviceId);
    await again;
    expect(await (await whoami()).json()).toMatchObject({ user_id: userId, device_id: deviceId });

    const loggedOut = reaches(({ state }) => state === 'failed');
    expect((await runCliProcess(['logout', homeserver.url], { cwd })).code).toBe(0);
    expect((await loggedOut).reason).toBe('logged-out');
    expect(await homeserver.devices(userId)).toEqual([]);
  });
});

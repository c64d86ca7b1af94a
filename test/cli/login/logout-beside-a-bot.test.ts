import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth, credentials } from '../../../src/index.ts';
import { startFaultProxy, startTestHomeserver } from '../../../src/testing/index.ts';
import { canaryPassword } from '../../support/both.ts';
import { runCliProcess } from '../running.ts';

test('logout beside a bot that renews its token ends the session with the token that the bot gets', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-logout-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const password = canaryPassword();
  const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password }] });
  onTestFinished(() => homeserver.stop());
  const [slow, proxy] = [
    await startFaultProxy({ target: homeserver.url }),
    await startFaultProxy({ target: homeserver.url }),
  ];
  onTestFinished(async () => void (await Promise.all([slow.stop(), proxy.stop()])));
  const auth = createMatrixAuth({
    homeserver: slow.url,
    credentials: credentials({ username: 'bot', password }),
    sessions: sqliteSessions(join(folder, 'bot.db'), { watchMs: 50 }),
    logger: false,
  });
  onTestFinished(() => auth.stop());
  await auth.start();
  const failed = new Promise((resolve) => auth.on('failed', resolve));
  const { fingerprint } = auth.snapshot();
  // Unlike Synapse, this homeserver takes a token that has run out for nothing, not even for a logout.
  proxy.inject({
    match: ({ path, tokenFingerprint }) => path.endsWith('/logout') && tokenFingerprint === fingerprint,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'answer', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Token has expired' } },
  });
  homeserver.expireTokens();
  slow.inject({ match: { path: '/refresh' }, fault: { kind: 'delay', delayMs: 3_000 } });
  auth.refresh().catch(() => undefined);
  await slow.waitFor({ path: '/refresh' }, { phase: 'start' });
  const out = await runCliProcess(['logout', proxy.url], { cwd: folder });
  expect(out).toMatchObject({ code: 0, stderr: '' });
  expect(proxy.count({ path: '/refresh' })).toBe(0);
  expect(homeserver.devices('@bot:localhost')).toEqual([]);
  // Nobody has to tell the bot, and it does not sign in again.
  expect(await failed).toMatchObject({ reason: 'logged-out' });
  expect(homeserver.logins).toBe(1);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CredentialsError, defaultCredentials } from '../../../src/adapters/credentials/index.ts';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { startTestHomeserver } from '../../../src/testing/index.ts';
import { createMatrixAuth, credentials, memorySessions } from '../../../src/index.ts';

const variables = [
  'ACCESS_TOKEN',
  'MATRIX_REFRESH_TOKEN',
  'MATRIX_USERNAME',
  'MATRIX_PASSWORD',
  'MATRIX_DEVICE_ID',
];

function emptyEnvironment(): void {
  for (const variable of variables) vi.stubEnv(variable, undefined);
}

afterEach(() => vi.unstubAllEnvs());

describe('where a session may be stored', () => {
  it('an environment with nothing is no error', () => {
    expect(defaultCredentials(true, {})).toEqual({});
    expect(defaultCredentials(true, { ACCESS_TOKEN: ' ', MATRIX_PASSWORD: '' })).toEqual({});
    expect(defaultCredentials(true, { MATRIX_DEVICE_ID: ' DEV ' })).toEqual({ deviceId: 'DEV' });
  });

  it('half of a pair is one, as it always is', () => {
    for (const half of [
      { MATRIX_USERNAME: 'bot' },
      { MATRIX_PASSWORD: 'pw' },
      { MATRIX_REFRESH_TOKEN: 'refresh-1' },
      { ACCESS_TOKEN: 'access-1', MATRIX_USERNAME: 'bot' },
    ]) {
      expect(() => defaultCredentials(true, half)).toThrow(CredentialsError);
      expect(() => defaultCredentials(true, half)).toThrow(/is missing/);
    }
  });

  it('what there is, is used', () => {
    expect(defaultCredentials(true, { ACCESS_TOKEN: 'access-1' }).accessToken?.reveal()).toBe('access-1');
  });
});

it('where none can be stored, nothing is an error', () => {
  expect(() => defaultCredentials(false, {})).toThrow(/nothing to sign in with/);
});

describe('a bot without credentials', () => {
  it('starts on the session in its file, and renews it', async () => {
    emptyEnvironment();
    const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'a password' }] });
    onTestFinished(() => homeserver.stop());
    const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-credentials-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const sessions = sqliteSessions(join(folder, 'bot.db'));
    onTestFinished(() => sessions.close());
    const first = createMatrixAuth({
      homeserver: homeserver.url,
      credentials: credentials({ username: 'bot', password: 'a password' }),
      sessions,
    });
    await first.start();
    await first.stop();

    const second = createMatrixAuth({ homeserver: homeserver.url, sessions });
    onTestFinished(() => second.stop());
    await second.start();
    await second.refresh();
    expect(second.snapshot().generation).toBe(2);
    expect(homeserver.devices('@bot:localhost')).toHaveLength(1);
  });

  it('and without a session fails, and is told what to set', async () => {
    emptyEnvironment();
    const log: string[] = [];
    const auth = createMatrixAuth({
      homeserver: 'http://127.0.0.1:9',
      sessions: memorySessions(),
      logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
    });
    onTestFinished(() => auth.stop());
    await expect(auth.start()).rejects.toMatchObject({ reason: 'no-credentials' });
    expect(log).toEqual([
      expect.stringMatching(
        /no stored session and nothing to sign in with\. Sign in once .*matrix-auth-machine login.*, or set ACCESS_TOKEN, or MATRIX_USERNAME/,
      ),
    ]);
  });

  it('or with half of them, or without a place for sessions, is not made', () => {
    emptyEnvironment();
    const homeserver = 'http://127.0.0.1:9';
    expect(() => createMatrixAuth({ homeserver })).toThrow(/nothing to sign in with/);
    vi.stubEnv('MATRIX_USERNAME', 'bot');
    expect(() => createMatrixAuth({ homeserver, sessions: memorySessions() })).toThrow(
      /MATRIX_PASSWORD is missing/,
    );
  });
});

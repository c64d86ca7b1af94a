import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth, credentialsFromEnv, type SessionStore } from '../../src/index.ts';
import { canaryPassword, describeOnBoth } from '../support/both.ts';

const flast = { name: 'First.Last', localpart: 'flast', password: canaryPassword() };
const other = { name: 'Other.Person', localpart: 'operson', password: canaryPassword() };

async function storeInFile(): Promise<() => SessionStore> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return () => sqliteSessions(join(folder, 'bot.db'));
}

describeOnBoth(
  'a login name that is not the localpart',
  { accessTokenLifetimeMs: 60_000, directory: [flast, other] },
  ({ homeserver, proxy }) => {
    const userId = '@flast:localhost';
    let known: { readonly userId: string };
    beforeAll(async () => {
      const names = { emails: ['bot-by-mail@example.org'], phones: ['491701234567'] };
      known = await homeserver().createUser('known-by-others', flast.password, names);
    });

    /** One run of a process: it starts, is asked who it is, and ends. */
    async function run(env: Parameters<typeof credentialsFromEnv>[0], sessions?: SessionStore) {
      const log: string[] = [];
      const auth = createMatrixAuth({
        homeserver: proxy().url,
        credentials: credentialsFromEnv(env),
        ...(sessions === undefined ? {} : { sessions }),
        logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
      });
      try {
        await auth.start();
        const answer = await auth.fetch(`${proxy().url}/_matrix/client/v3/account/whoami`);
        const { state, userId: is, deviceId } = auth.snapshot();
        return { state, is, deviceId, said: ((await answer.json()) as { user_id: string }).user_id, log };
      } finally {
        await auth.stop();
        await sessions?.close();
      }
    }

    const login = { MATRIX_USERNAME: flast.name, MATRIX_PASSWORD: flast.password };
    it.each([
      ['on a device of its own', login],
      ['on the device of MATRIX_DEVICE_ID', { ...login, MATRIX_DEVICE_ID: 'BOT' }],
    ])('signs in %s, and goes on with the stored session at each later start', async (_, env) => {
      const store = await storeInFile();
      for (let start = 0; start < 3; start += 1) {
        const { deviceId, log, ...was } = await run(env, store());
        expect(was).toEqual({ state: 'valid', is: userId, said: userId });
        expect(log).toEqual([]);
        if ('MATRIX_DEVICE_ID' in env) expect(deviceId).toBe('BOT');
      }
      expect(proxy().count({ method: 'POST', path: '/login' })).toBe(1);
    });

    it.each([
      ['an e-mail address', 'bot-by-mail@example.org', {}],
      [
        'an e-mail address, on a device that is given',
        'bot-by-mail@example.org',
        { MATRIX_DEVICE_ID: 'BOT' },
      ],
      ['a phone number', '+49 170 1234567', {}],
      ['a phone number, on a device that is given', '+491701234567', { MATRIX_DEVICE_ID: 'BOT' }],
    ])('that is %s signs in, and goes on with the stored session', async (_, name, env) => {
      const store = await storeInFile();
      for (let start = 0; start < 2; start += 1) {
        const was = await run({ MATRIX_USERNAME: name, MATRIX_PASSWORD: flast.password, ...env }, store());
        expect(was).toMatchObject({ state: 'valid', is: known.userId, said: known.userId, log: [] });
      }
      expect(proxy().count({ method: 'POST', path: '/login' })).toBe(1);
    });

    it('signs in without a store, at each start anew, on the one device', async () => {
      const before = await homeserver().devices(userId);
      const first = await run(login);
      const second = await run(login);
      expect(second).toMatchObject({ state: 'valid', is: userId, deviceId: first.deviceId });
      expect(new Set(await homeserver().devices(userId))).toEqual(new Set([...before, first.deviceId]));
    });

    it('is not taken for another one’s: the stored session of the first is not the second’s', async () => {
      const store = await storeInFile();
      await run({ ...login, MATRIX_DEVICE_ID: 'BOT' }, store());
      const env = { MATRIX_USERNAME: other.name, MATRIX_PASSWORD: other.password, MATRIX_DEVICE_ID: 'BOT' };
      await expect(run(env, store())).rejects.toMatchObject({ reason: 'identity-mismatch' });
    });
  },
);

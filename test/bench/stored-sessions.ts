import { memorySessions, Secret, type SessionStore } from '../../src/index.ts';

/** A store with so many sessions that were signed in just now. */
export async function storedSessions(
  count: number,
  lifetimeMs: number,
  store: SessionStore = memorySessions(),
): Promise<SessionStore> {
  const now = Date.now();
  for (let index = 0; index < count; index += 1) {
    await store.update(`bot${index}`, 'session', () => ({
      record: {
        session: {
          userId: '@bot:stub.localhost',
          deviceId: `BENCH${index}`,
          generation: 1,
          accessToken: new Secret(`at-stored-${index}`),
          refreshToken: new Secret(`rt-stored-${index}`),
          obtainedAt: now,
          expiresAt: now + lifetimeMs,
        },
      },
      result: undefined,
    }));
  }
  return store;
}

import { Secret, type SessionStore } from '../../src/index.ts';
import { Person } from './rest.ts';

/** Another process that shares the store has signed in, on a device of its own: its session is stored in the bot's place. */
export async function signInElsewhere(
  url: string,
  user: { readonly localpart: string; readonly password: string },
  sessions: SessionStore,
  deviceId: string,
): Promise<void> {
  const { tokens } = await Person.signIn(url, user, { refreshToken: true, deviceId });
  await sessions.update('default', 'session', (record) => ({
    record: {
      ...record,
      session: {
        userId: tokens.user_id,
        deviceId: tokens.device_id,
        generation: (record?.session?.generation ?? 0) + 1,
        accessToken: new Secret(tokens.access_token),
        refreshToken: new Secret(tokens.refresh_token ?? ''),
        obtainedAt: Date.now(),
        expiresAt: Date.now() + (tokens.expires_in_ms ?? 0),
      },
    },
    result: undefined,
  }));
}

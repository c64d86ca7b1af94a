import { Secret, type StoredSession } from '../../src/ports/index.ts';
import { freshUser } from '../support/both.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { Person } from '../support/rest.ts';
import { type Place, withStoreAt } from './place.ts';

const NAME = 'default';

/** How a session came to be, and how it is renewed. */
export interface KindOfSession<H = RunningHomeserver> {
  /** The path of the request for new tokens. */
  readonly refresh: string;
  /** Signs a new account in, and leaves its session in the store. */
  readonly stored: (
    homeserver: H,
    place: Place,
  ) => Promise<{ readonly userId: string; readonly session: StoredSession }>;
  /** Exchanges the refresh token behind everybody's back. Returns the status. */
  readonly refreshBehind: (url: string, session: StoredSession) => Promise<number>;
}

export const matrixSession: KindOfSession = {
  refresh: '/refresh',
  stored: (homeserver, place) => storedSession(homeserver, place),
  refreshBehind: (url, { refreshToken }) =>
    statusOf(
      fetch(`${url}/_matrix/client/v3/refresh`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refresh_token: refreshToken?.reveal() }),
      }),
    ),
};

export interface Account {
  readonly userId: string;
  readonly username: string;
  readonly password: string;
}

export async function freshAccount(homeserver: RunningHomeserver): Promise<Account> {
  const { userId, localpart, password } = await freshUser(homeserver);
  return { userId, username: localpart, password };
}

/** Signs a new account in, and leaves its session in the store, as a bot does that was signed in and ended. */
export async function storedSession(
  homeserver: RunningHomeserver,
  place: Place,
): Promise<Account & { readonly session: StoredSession }> {
  const account = await signedIn(homeserver);
  const { session } = account;
  await withStoreAt(place, (store) =>
    store.update(NAME, 'session', () => ({ record: { session }, result: undefined })),
  );
  return account;
}

/** A new account, signed in. */
export async function signedIn(
  homeserver: RunningHomeserver,
): Promise<Account & { readonly session: StoredSession }> {
  const account = await freshAccount(homeserver);
  const obtainedAt = Date.now();
  const { tokens } = await Person.signIn(
    homeserver.url,
    { localpart: account.username, password: account.password },
    { refreshToken: true, deviceId: 'BOT' },
  );
  const { refresh_token: refreshToken, expires_in_ms: expiresInMs } = tokens;
  if (refreshToken === undefined || expiresInMs === undefined) throw new Error('There is no refresh token.');
  const session: StoredSession = {
    userId: account.userId,
    deviceId: 'BOT',
    generation: 1,
    accessToken: new Secret(tokens.access_token),
    refreshToken: new Secret(refreshToken),
    obtainedAt,
    expiresAt: obtainedAt + expiresInMs,
  };
  return { ...account, session };
}

/** The session that is in the store. */
export async function sessionIn(place: Place): Promise<StoredSession> {
  const record = await withStoreAt(place, (store) => store.read(NAME, 'session'));
  if (record?.session === undefined) throw new Error('There is no session in the store.');
  return record.session;
}

export async function statusOf(answer: Promise<Response>): Promise<number> {
  const { status, body } = await answer;
  await body?.cancel();
  return status;
}

/** Resolves when the homeserver refuses the token. */
export async function untilRefused(url: string, token: Secret): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/_matrix/client/v3/account/whoami`, {
      headers: { authorization: `Bearer ${token.reveal()}` },
    });
    await response.body?.cancel();
    if (response.status === 401) return;
  }
}

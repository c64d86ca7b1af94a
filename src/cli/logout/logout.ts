import { createMatrixAuth } from '../../auth/create-matrix-auth.ts';
import { LogoutFailedError } from '../../auth/errors.ts';
import { RefusedError } from '../errors.ts';
import { homeserverOf } from '../session/homeserver-of.ts';
import { openSessions, StoreMissingError, told } from '../source/store.ts';
import { storeAddressOf, storeName, type StoreOptions } from '../source/store-option.ts';

export interface LogoutOptions extends StoreOptions {
  readonly json?: true;
}

/**
 * Ends a stored session at its homeserver and in the store. Returns the exit code.
 * @throws {RefusedError} if the homeserver could not be told; {@link UnreachableError} {@link UsageError}
 */
export async function logout(server: string | undefined, options: LogoutOptions): Promise<number> {
  const address = storeAddressOf(options, 'bot.db');
  const { session } = address;
  const say = (loggedOut: boolean, text: string, more: object = {}) => {
    const answer = { loggedOut, store: storeName(address), session, ...more };
    process.stdout.write(options.json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : `${text}\n`);
    return 0;
  };
  const none = `There is no session ${JSON.stringify(session)} in ${storeName(address)}.`;
  const store = await openSessions(address).catch((error: unknown) => {
    if (error instanceof StoreMissingError) return undefined;
    throw error;
  });
  if (store === undefined) return say(false, none);
  try {
    const { sessions } = store;
    const stored = (await told(() => sessions.read(session, 'session')))?.session;
    if (stored === undefined) return say(false, none);
    const { userId, deviceId } = stored;
    const auth = createMatrixAuth({
      homeserver: await homeserverOf(server, userId),
      credentials: {},
      sessions,
      sessionName: session,
      logger: false,
    });
    try {
      await auth.logout();
    } catch (error) {
      if (error instanceof LogoutFailedError) throw new RefusedError(error.message, { cause: error });
      throw error;
    }
    const whose = userId ?? 'The session';
    const device = deviceId === undefined ? '' : `, and its device ${deviceId} is removed`;
    return say(true, `${whose} is logged out${device}. What was stored of the session is deleted.`, {
      ...(userId === undefined ? {} : { userId }),
      ...(deviceId === undefined ? {} : { deviceId }),
    });
  } finally {
    await store.close();
  }
}

import { openStore } from '../source/store.ts';
import { storeAddressOf, storeName, type StoreOptions } from '../source/store-option.ts';
import { type Stored, storedOf } from '../source/stored.ts';
import { rows, when } from '../words.ts';

export interface SessionsOptions extends StoreOptions {
  readonly json?: true;
}

/**
 * Prints what a store holds, or one session of it. Returns the exit code.
 * @throws {UnreachableError} {@link UsageError}
 */
export async function printSessions(options: SessionsOptions): Promise<number> {
  const address = storeAddressOf(options, 'bot.db');
  const store = await openStore(address);
  try {
    const now = Date.now();
    const names = (await store.list()).filter(
      (name) => options.session === undefined || name === options.session,
    );
    const sessions: (Stored & { readonly session: string })[] = [];
    for (const session of names.toSorted()) {
      sessions.push({ session, ...storedOf(await store.read(session), now) });
    }
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify({ store: storeName(address), now, sessions }, undefined, 2)}\n`
        : sessions.length === 0
          ? `There is no session in ${storeName(address)}.\n`
          : sessions.map((session) => sessionText(session, now)).join(''),
    );
    return 0;
  } finally {
    await store.close();
  }
}

function sessionText(
  { session, userId, deviceId, generation, expiresAt, refreshable }: Stored & { readonly session: string },
  now: number,
): string {
  const end =
    expiresAt === undefined
      ? 'no end is known'
      : `${expiresAt <= now ? 'ended' : 'ends'} ${when(expiresAt, now)}`;
  const renewal = refreshable === true ? 'it renews itself' : 'it cannot be renewed';
  return `${session}: ${userId ?? (generation === undefined ? 'not signed in' : 'whose is not known')}\n${rows(
    [
      ['device', deviceId],
      ['token', generation === undefined ? undefined : `number ${generation}; ${end}; ${renewal}`],
    ],
  )}`;
}

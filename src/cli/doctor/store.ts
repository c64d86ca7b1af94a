import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SessionStoreError, type StoredSession } from '../../ports/index.ts';
import { UnreachableError } from '../errors.ts';
import type { StoreAddress } from '../source/source.ts';
import { openStore, StoreMissingError } from '../source/store.ts';
import { storeName } from '../source/store-option.ts';
import { type Stored, storedOf } from '../source/stored.ts';
import type { Finding } from './finding.ts';
import { poolerFindings } from './pooler.ts';

/** What was found in the session store. */
export interface SeenStore {
  readonly session: StoredSession | undefined;
  /** What may be shown of it. */
  readonly stored: Stored | undefined;
  /** The bot can keep a session there. */
  readonly usable: boolean;
  readonly findings: readonly Finding[];
}

/** Reads the session, and writes nothing. A store that is not there yet is not made. */
export async function lookAtStore(address: StoreAddress): Promise<SeenStore> {
  try {
    const store = await openStore(address);
    try {
      const records = await store.read();
      const stored = storedOf(records, Date.now());
      const session = records.session?.session;
      const findings = session === undefined ? [nothingStored(address, await store.list())] : [];
      return { session, stored, usable: true, findings: [...findings, ...(await poolerFindings(address))] };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return { session: undefined, stored: undefined, ...notOpened(address, error) };
  }
}

function nothingStored({ session }: StoreAddress, names: readonly string[]): Finding {
  const others =
    names.length === 0
      ? ''
      : ` There are: ${names.map((name) => JSON.stringify(name)).join(', ')} (--session <name>).`;
  return {
    level: 'note',
    code: 'store-empty',
    says: `The store holds no session ${JSON.stringify(session)}.${others}`,
  };
}

function notOpened(
  address: StoreAddress,
  error: UnreachableError,
): { readonly usable: boolean; readonly findings: Finding[] } {
  const { cause } = error;
  if (error instanceof StoreMissingError) {
    const folder = dirname(resolve(address.place));
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      return unusable(
        `There is no folder ${folder} for the session store.`,
        `Run: mkdir -p -m 700 ${folder}`,
      );
    }
    const says = `There is no session in ${address.place} yet: the bot, or the command login, makes it.`;
    return { usable: true, findings: [{ level: 'note', code: 'store-missing', says }] };
  }
  if (cause instanceof SessionStoreError && !cause.permanent) {
    const says = `${storeName(address)} could not be read: ${error.message}`;
    const toDo = 'Check that the database runs and can be reached from here, then ask again.';
    return { usable: false, findings: [{ level: 'unknown', code: 'store-unusable', says, toDo }] };
  }
  return unusable(error.message, `Mend what is wrong with ${storeName(address)}.`);
}

function unusable(says: string, toDo: string): { readonly usable: boolean; readonly findings: Finding[] } {
  return { usable: false, findings: [{ level: 'attention', code: 'store-unusable', says, toDo }] };
}

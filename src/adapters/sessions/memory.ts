import {
  type Claim,
  type RecordKind,
  type SessionRecords,
  type SessionStore,
  SessionStoreError,
} from '../../ports/index.ts';
import { KeyedQueue } from './shared/keyed-queue.ts';

const stores = new WeakSet<SessionStore>();

/** Whether no other process sees it. */
export function isInMemory(store: SessionStore): boolean {
  return stores.has(store);
}

/**
 * Keeps sessions in this process and nowhere else: the default, since nothing may be stored that nobody asked to
 * store. When the process ends, so do its sessions; the next start logs in again, on the same device.
 */
export function memorySessions(): SessionStore {
  const records: { [K in RecordKind]: Map<string, SessionRecords[K]> } = {
    session: new Map(),
    position: new Map(),
    leader: new Map(),
    logins: new Map(),
    given: new Map(),
    logout: new Map(),
    outbox: new Map(),
  };
  const claims = new KeyedQueue();

  const store: SessionStore = {
    read: async (name, kind) => records[kind].get(name),

    update: async (name, kind, change) => {
      const { record, result } = change(records[kind].get(name));
      if (record !== undefined) records[kind].set(name, record);
      return result;
    },

    claim: async (name, { waitAtMostMs, signal }): Promise<Claim> => {
      const end = await claims.take(name, waitAtMostMs, signal);
      if (end === undefined) {
        throw new SessionStoreError(
          `The session ${JSON.stringify(name)} has been claimed for more than ${waitAtMostMs} ms. Nothing was changed: try again.`,
          { permanent: false },
        );
      }
      // It can't outlive this process, and nobody takes it from a holder.
      return { lost: new AbortController().signal, release: async () => end() };
    },

    list: async () => [...records.session.keys()],

    delete: async (name) => {
      for (const kind of Object.values(records)) kind.delete(name);
    },

    close: async () => {},
  };
  stores.add(store);
  return store;
}

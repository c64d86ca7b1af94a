import {
  type Claim,
  type RecordKind,
  type SessionRecords,
  type SessionStore,
  SessionStoreError,
} from '../../ports/index.ts';
import { KeyedQueue } from './shared/keyed-queue.ts';

/**
 * Keeps sessions in this process and nowhere else: the default, since nothing may be stored that nobody asked to
 * store. When the process ends, so do its sessions; the next start logs in again, on the same device.
 */
export function memorySessions(): SessionStore {
  const sessions = new Map<string, Map<RecordKind, SessionRecords[RecordKind]>>();
  const claims = new KeyedQueue();
  const recordOf = <K extends RecordKind>(name: string, kind: K) =>
    sessions.get(name)?.get(kind) as SessionRecords[K] | undefined;

  return {
    read: async (name, kind) => recordOf(name, kind),

    update: async (name, kind, change) => {
      const { record, result } = change(recordOf(name, kind));
      if (record !== undefined) {
        const records = sessions.get(name) ?? new Map<RecordKind, SessionRecords[RecordKind]>();
        sessions.set(name, records.set(kind, record));
      }
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

    list: async () => [...sessions].filter(([, records]) => records.has('session')).map(([name]) => name),

    delete: async (name) => {
      sessions.delete(name);
    },

    close: async () => {},
  };
}

import type { SessionRecord, SessionStore } from '../../ports/index.ts';

/**
 * Keeps sessions in this process and nowhere else: the default, since nothing may be stored that nobody asked to
 * store. When the process ends, so do its sessions; the next start logs in again, on the same device.
 */
export function memorySessions(): SessionStore {
  const records = new Map<string, SessionRecord>();
  const queues = new Map<string, Promise<unknown>>();

  function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (queues.get(name) ?? Promise.resolve()).then(work);
    queues.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }

  return {
    read: async (name) => records.get(name),
    transact: (name, work) =>
      inTurn(name, async () => {
        const { record, result } = await work(records.get(name));
        if (record !== undefined) records.set(name, record);
        return result;
      }),
    list: async () => [...records.keys()],
    delete: (name) =>
      inTurn(name, async () => {
        records.delete(name);
      }),
    close: async () => {},
  };
}

import type { SessionStore, StoredPosition } from '../../ports/index.ts';

/** A position of a clock that was further ahead than this is no reason to write none, in ms. */
const CLOCKS_DIFFER_MS = 60_000;

interface Pending {
  readonly position: string;
  readonly at: number;
  readonly onStored: (() => void) | undefined;
}

/** Writes how far the sync has come: one write at a time, and only the latest position. Nobody waits for it. */
export class PositionWriter {
  readonly #store: SessionStore;
  readonly #name: string;
  #pending: Pending | undefined;
  #writing: Promise<void> | undefined;
  /** What this process has opened, begun or saved last. */
  #own: string | undefined;

  constructor(store: SessionStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  /**
   * The stored position. Whoever reads it next is told that this process has not come to its end, until {@link close}.
   * @throws {SessionStoreError}
   */
  async open(): Promise<StoredPosition | undefined> {
    const stored = await this.#store.update(this.#name, 'position', (record) =>
      record === undefined
        ? { result: undefined }
        : {
            ...(record.open ? {} : { record: { ...record, open: true as const } }),
            result: { since: record.position, interrupted: record.open === true },
          },
    );
    this.#own = stored?.since;
    if (stored !== undefined) return stored;
    // An older version wrote it, which did not say how it ended.
    const since = (await this.#store.read(this.#name, 'session'))?.position;
    return since === undefined ? undefined : { since, interrupted: true };
  }

  /** Stores the first position. @throws {SessionStoreError} */
  async begin(position: string): Promise<void> {
    await this.#store.update(this.#name, 'position', (record) => ({
      record: { ...record, position, at: Date.now(), open: true },
      result: undefined,
    }));
    this.#own = position;
  }

  /** The process ends by itself, and has begun nothing beyond what it saved last. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#pending !== undefined) return;
    const own = this.#own;
    await this.#store
      .update(this.#name, 'position', (record) => {
        // Another process syncs as well, and goes on.
        if (record === undefined || record.position !== own) return { result: undefined };
        const { open: _, ...closed } = record;
        return { record: closed, result: undefined };
      })
      .catch(() => undefined);
  }

  /** @param onStored called when this position is stored, unless there is a newer one by then */
  save(position: string, onStored?: () => void): void {
    this.#pending = { position, at: Date.now(), onStored };
    this.#start();
  }

  /** Tries once more to write what is not written yet. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#start();
    await this.#writing;
  }

  forget(): void {
    this.#pending = undefined;
  }

  #start(): void {
    if (this.#writing !== undefined || this.#pending === undefined) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    for (let next = this.#pending; next !== undefined; next = this.#pending) {
      const { position, at } = next;
      try {
        await this.#store.update(this.#name, 'position', (record) => {
          // Another process syncs as well, and is ahead.
          const isOlder =
            record !== undefined && record.at > at && record.at <= Date.now() + CLOCKS_DIFFER_MS;
          return isOlder
            ? { result: undefined }
            : { record: { ...record, position, at, open: true as const }, result: undefined };
        });
      } catch {
        // A store that is away costs a repetition after a crash; the next position is tried again.
        return;
      }
      this.#own = position;
      next.onStored?.();
      if (this.#pending === next) this.#pending = undefined;
    }
  }
}

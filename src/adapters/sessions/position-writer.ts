import type { SessionStore } from '../../ports/index.ts';

/** A position of a clock that was further ahead than this is no reason to write none, in ms. */
const CLOCKS_DIFFER_MS = 60_000;

/** Writes how far the sync has come: one write at a time, and only the latest position. Nobody waits for it. */
export class PositionWriter {
  readonly #store: SessionStore;
  readonly #name: string;
  #pending: { readonly position: string; readonly at: number } | undefined;
  #writing: Promise<void> | undefined;

  constructor(store: SessionStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  /** The stored position. */
  async load(): Promise<string | undefined> {
    const stored = await this.#store.read(this.#name, 'position');
    return stored === undefined ? (await this.#store.read(this.#name, 'session'))?.position : stored.position;
  }

  save(position: string): void {
    this.#pending = { position, at: Date.now() };
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
          return isOlder ? { result: undefined } : { record: { ...record, position, at }, result: undefined };
        });
      } catch {
        // A store that is away costs a repetition after a crash; the next position is tried again.
        return;
      }
      if (this.#pending === next) this.#pending = undefined;
    }
  }
}

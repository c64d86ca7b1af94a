import { SessionStoreError } from '../../../ports/index.ts';
import { type Database, openDatabase, type OpenOptions } from './database.ts';

/** Opens the file when it is first needed, and closes it when nothing uses it any more. */
export class DatabaseHandle {
  readonly #path: string;
  readonly #options: OpenOptions;
  readonly #running = new Set<Promise<unknown>>();
  #opening: Promise<Database> | undefined;
  #closed = false;

  constructor(path: string, options: OpenOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** @throws {SessionStoreError} the file cannot be opened, or the handle is closed */
  async use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    if (this.#closed)
      throw new SessionStoreError(`The store of ${this.#path} is closed.`, { permanent: true });
    const run = (async () => work(await this.#open()))();
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  /** The file that is at the path now: a backup that is put back replaces it, and writes to the old one are lost. */
  async inPlace(): Promise<Database> {
    const database = await this.#open();
    if (database.inPlace()) return database;
    this.#opening = undefined;
    database.close();
    return this.#open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    const database = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    database?.close();
  }

  #open(): Promise<Database> {
    if (this.#opening !== undefined) return this.#opening;
    const opening = openDatabase(this.#path, this.#options);
    this.#opening = opening;
    opening.catch(() => {
      this.#opening = undefined;
    });
    return opening;
  }
}

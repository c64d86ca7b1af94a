import { type SessionRecord, type SessionStore, SessionStoreError } from '../../ports/index.ts';
import type { StoreFailure } from './keeper-result.ts';

/** What is done with a record: the new one, if it is to be written, and what came of it. */
export type Work<T> = (
  record: SessionRecord | undefined,
) => Promise<{ readonly record?: SessionRecord; readonly result: T }>;

/** The transactions of one record, all of which can be waited for. */
export class Transactions {
  readonly #store: SessionStore;
  readonly #name: string;
  readonly #pending = new Set<Promise<unknown>>();
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(store: SessionStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  /** @throws {SessionStoreError} */
  transact<T>(work: Work<T>): Promise<T> {
    return this.#noted(this.#store.transact(this.#name, work));
  }

  /** A transaction whose failure is a result. */
  async attempt<T>(work: Work<T>): Promise<{ readonly value: T } | StoreFailure> {
    try {
      return { value: await this.transact(work) };
    } catch (error) {
      if (error instanceof SessionStoreError) {
        return error.permanent ? { kind: 'unusable', error } : { kind: 'trouble', why: error.message };
      }
      throw error;
    }
  }

  /** Does what has to be done by one at a time in this process, whether the store is there or not. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => undefined);
    return this.#noted(turn);
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  #noted<T>(doing: Promise<T>): Promise<T> {
    this.#pending.add(doing);
    const done = () => this.#pending.delete(doing);
    doing.then(done, done);
    return doing;
  }
}

import { SessionStoreError } from '../../ports/index.ts';
import type { StoreFailure } from './session-renewal.ts';

/** What may be under way when a keeper is closed. */
export type Work = 'an exchange' | 'a login' | 'a write';

/** What is under way for one session, so that it can be waited for. */
export class PendingWork {
  /** Most of the time there is nothing. */
  #pending: Map<Promise<unknown>, Work> | undefined;
  #lastTurn: Promise<unknown> | undefined;

  /** What is under way now. */
  get left(): readonly Work[] {
    return [...new Set(this.#pending?.values())];
  }

  note<T>(work: Work, doing: Promise<T>): Promise<T> {
    this.#pending ??= new Map();
    const pending = this.#pending.set(doing, work);
    const done = () => {
      pending.delete(doing);
      if (pending.size === 0 && this.#pending === pending) this.#pending = undefined;
    };
    doing.then(done, done);
    return doing;
  }

  /** Does what has to be done by one at a time in this process, whether the store is there or not. */
  inTurn<T>(work: Work, doing: () => Promise<T>): Promise<T> {
    const turn = (this.#lastTurn ?? Promise.resolve()).then(doing);
    this.#lastTurn = turn.catch(() => undefined);
    return this.note(work, turn);
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#pending !== undefined) await Promise.allSettled(this.#pending.keys());
  }
}

/** Runs `work`; a failure of the store is a result. */
export async function attempt<T>(work: () => Promise<T>): Promise<{ readonly value: T } | StoreFailure> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof SessionStoreError) {
      return error.permanent ? { kind: 'unusable', error } : { kind: 'trouble', why: error.message };
    }
    throw error;
  }
}

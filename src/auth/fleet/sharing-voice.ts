import type { FullLogger } from '../voice/logger.ts';
import { AuthFailedError } from '../errors.ts';

/** What `shareSessions` says without being asked, each with what to do about it. */
export class SharingVoice {
  readonly #logger: FullLogger;
  readonly #leaseMs: number;
  /** The shares of which the store says nothing. */
  readonly #away = new Set<number>();
  #otherNamesTold = false;

  constructor(logger: FullLogger, leaseMs: number) {
    this.#logger = logger;
    this.#leaseMs = leaseMs;
  }

  /** That of the options which is most likely not meant. */
  options(names: readonly string[], inMemory: boolean): void {
    if (names.length === 0) this.#warn('the option "names" is empty, so no session runs. Give it all names.');
    const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    for (const name of twice)
      this.#warn(
        `${JSON.stringify(name)} is in "names" twice, and runs once. Give each session a name of its own.`,
      );
    if (inMemory)
      this.#warn(
        'the option "sessions" is memorySessions(), which no other process sees: each process runs all sessions. Give all of them one store, such as postgresSessions().',
      );
  }

  /** A session could not be started or stopped. One that has failed has said so itself. */
  sessionFailed(name: string, error: unknown): void {
    if (error instanceof AuthFailedError) return;
    this.#logger.error(
      `matrix-auth-machine: shareSessions: the session ${JSON.stringify(name)} could not be started or stopped: ${textOf(error)} The others go on; it is tried again where its share is taken over. To handle it, give the option "onError".`,
    );
  }

  /** @param error why the store did not answer about this share, if it did not */
  store(share: number, error: unknown): void {
    const before = this.#away.size;
    if (error === undefined) this.#away.delete(share);
    else this.#away.add(share);
    if (before === 0 && this.#away.size > 0)
      this.#warn(
        `the session store does not answer (${textOf(error)}) Until it does, no session is started here, and after ${this.#leaseMs} ms those that run are stopped, since others take them over. Check that it can be reached; it is asked again by itself.`,
      );
    if (before > 0 && this.#away.size === 0)
      this.#logger.info('matrix-auth-machine: shareSessions: the session store answers again.');
  }

  otherNames(): void {
    if (this.#otherNamesTold) return;
    this.#otherNamesTold = true;
    this.#warn(
      'another process that shares this store has other names, and runs its own in place of some of these. While a new version is rolled out, that passes. Otherwise give all processes the same "names"; and to another fleet a store of its own, or another namespace of it.',
    );
  }

  #warn(what: string): void {
    this.#logger.warn(`matrix-auth-machine: shareSessions: ${what} See docs/fleet.md#what-is-told.`);
  }
}

/** Its message, as a sentence. */
function textOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${message.replace(/\.$/, '')}.`;
}

import { createHash } from 'node:crypto';
import { unlinkSync, utimesSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { DatabaseSync } from 'node:sqlite';
import { type Claim, type ClaimOptions, SessionStoreError } from '../../../ports/index.ts';
import { KeyedQueue } from '../shared/keyed-queue.ts';
import { pauses } from './busy.ts';
import type { Database } from './database.ts';
import { explained, isBusy } from './errors.ts';
import { identityOf, lockFile, markOf } from './file.ts';

export interface ClaimFileOptions extends ClaimOptions {
  readonly database: Database;
  /** What is claimed: the namespace and the name of a session. */
  readonly of: readonly string[];
  /** How long a holder may be silent. */
  readonly leaseMs: number;
  readonly sharedWithGroup: boolean;
  /** Runs `step` while no other process writes to the data file. */
  readonly alone: (step: () => void) => Promise<void>;
}

/** Several stores of one process wait for each other in turn, instead of polling for each other's locks. */
const queue = new KeyedQueue();

/**
 * Claims a session by a lock on a file of its own, beside the data file: the operating system frees it when its holder
 * dies, and no write to the data file waits for it. The holder touches the file again and again; one that does not, since
 * it hangs, is replaced together with the file.
 * @throws {SessionStoreError} not within `waitAtMostMs`
 */
export async function claimByFile(options: ClaimFileOptions): Promise<Claim> {
  const { database, of, leaseMs, waitAtMostMs, signal } = options;
  const path = `${database.file}-claim-${createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 16)}`;
  const deadline = performance.now() + waitAtMostMs;
  const end = await queue.take(path, waitAtMostMs, signal);
  if (end === undefined) throw heldTooLong(path, waitAtMostMs);
  try {
    const silence = new Silence(leaseMs);
    const waits = pauses();
    for (;;) {
      signal?.throwIfAborted();
      lockFile(path, database.file, options.sharedWithGroup);
      const identity = identityOf(path);
      const lock = tryLock(database, path);
      // Another may have replaced the file between the two: then this is the lock of nothing.
      if (lock !== undefined && identity !== undefined && identityOf(path) === identity) {
        return held({ path, identity, lock, leaseMs, end });
      }
      lock?.close();
      const mark = markOf(path);
      if (lock === undefined && silence.isTooLong(mark)) {
        await options.alone(() => {
          // Whoever was first has made another file, and a holder that has woken up has touched this one.
          if (markOf(path) === mark) unlinkSync(path);
        });
      } else if (performance.now() >= deadline) throw heldTooLong(path, waitAtMostMs);
      else await delay(waits.next().value, undefined, { ...(signal === undefined ? {} : { signal }) });
    }
  } catch (error) {
    end();
    if (signal?.aborted === true) throw signal.reason;
    throw explained(error, path);
  }
}

/** The connection that holds the lock, or `undefined` if another has it. */
function tryLock({ connect }: Database, path: string): DatabaseSync | undefined {
  const url = pathToFileURL(path);
  // SQLite is not to make the file: it would be open to everybody.
  url.searchParams.set('mode', 'rw');
  let connection: DatabaseSync | undefined;
  try {
    connection = connect(url);
    connection.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return connection;
  } catch (error) {
    connection?.close();
    // Another may have removed the file just now.
    if (isBusy(error) || identityOf(path) === undefined) return undefined;
    throw error;
  }
}

interface Held {
  readonly path: string;
  readonly identity: string;
  readonly lock: DatabaseSync;
  readonly leaseMs: number;
  readonly end: () => void;
}

function held({ path, identity, lock, leaseMs, end }: Held): Claim {
  const lost = new AbortController();
  let released = false;
  const check = () => {
    if (!released && identityOf(path) !== identity) lost.abort();
  };
  const beat = () => {
    check();
    if (lost.signal.aborted || released) return;
    const now = Date.now() / 1_000;
    try {
      // A different time for each beat of each holder.
      utimesSync(path, now, now + Math.random() / 1_000);
    } catch {
      check();
    }
  };
  beat();
  const timer = setInterval(beat, leaseMs / 3).unref();
  return {
    get lost() {
      check();
      return lost.signal;
    },
    release: async () => {
      if (released) return;
      released = true;
      clearInterval(timer);
      lock.close();
      end();
    },
  };
}

/** How long a holder has been silent, as seen by this process. */
class Silence {
  readonly #leaseMs: number;
  #mark: string | undefined;
  #since = 0;
  #lookedAt = 0;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  isTooLong(mark: string | undefined): boolean {
    const now = performance.now();
    // Whoever did not look for a while was suspended itself, and perhaps the holder with it.
    const missed = now - this.#lookedAt > this.#leaseMs / 2;
    if (mark !== this.#mark || missed) this.#since = now;
    this.#mark = mark;
    this.#lookedAt = now;
    return mark !== undefined && now - this.#since > this.#leaseMs;
  }
}

function heldTooLong(path: string, ms: number): SessionStoreError {
  return new SessionStoreError(
    `Another process has held ${path} for more than ${ms} ms. Nothing was changed: try again.`,
    { permanent: false },
  );
}

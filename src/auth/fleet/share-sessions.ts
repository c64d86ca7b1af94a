import { createHash, randomUUID } from 'node:crypto';
import { Leadership } from '../../adapters/sessions/index.ts';
import type { SessionStore } from '../../ports/index.ts';
import { SharedOut } from './shared-out.ts';
import { StartQueue } from './start-queue.ts';

/** A session that can be started and stopped, such as what `createMatrixAuth` makes. */
export interface SharedSession {
  start(): Promise<unknown>;
  stop(): Promise<void>;
}

export interface ShareSessionsOptions<Session extends SharedSession> {
  /** The store that the processes share. */
  readonly sessions: SessionStore;
  /** The names of all sessions; the same in each process. */
  readonly names: readonly string[];
  /** Makes a session that this process is to run. Each time it takes one over, it is made anew. */
  readonly create: (name: string) => Session;
  /** A session could not be started, or not be stopped. Its own events and log say more. Default: nothing is done. */
  readonly onError?: (name: string, error: unknown) => void;
  /** How long a process may go without a sign of life, in ms. Others take over within three times this. Default 3,000. */
  readonly leaseMs?: number;
  /** In how many shares the sessions are dealt out; the same in each process, and several for each. Default 32. */
  readonly shares?: number;
}

/** The part of the sessions that this process runs. */
export interface SharedSessions<Session> {
  /** Those that run here now, by their names. */
  readonly running: ReadonlyMap<string, Session>;
  /** Stops them, and hands them on at once. */
  stop(): Promise<void>;
}

/**
 * Deals sessions out to the processes that share a store: each runs in one of them, about as many in each, and those of a
 * process that dies are taken over by the others. A process that cannot reach the store stops its sessions before
 * others take them over, so that none runs twice.
 * @throws {RangeError} an option is no whole number, or less than 1
 * @example
 * const shared = shareSessions({
 *   sessions,
 *   names: accounts.map(({ name }) => name),
 *   create: (name) => createMatrixAuth({ fleet, sessions, sessionName: name, client: … }),
 * });
 * process.once('SIGTERM', () => shared.stop());
 */
export function shareSessions<Session extends SharedSession>({
  sessions: store,
  names,
  create,
  onError = () => undefined,
  leaseMs = 3_000,
  shares: count = 32,
}: ShareSessionsOptions<Session>): SharedSessions<Session> {
  for (const [option, value] of Object.entries({ leaseMs, shares: count })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${option} is a whole number, 1 or more, and not ${value}.`);
    }
  }
  const self = randomUUID();
  const running = new Map<string, Session>();
  const starts = new StartQueue();
  const members = new Members(self);
  const shares = Array.from({ length: count }, (_, index) => {
    const own = names.filter((name) => shareOf(name, count) === index);
    const sessions = new SharedOut({ names: own, create, running, onError, starts });
    const leadership: Leadership = new Leadership({
      ...{ store, name: `fleet:${index} of ${count}`, self, leaseMs },
      onChange: (leading) => void sessions.run(leading),
      onAsked: () => {
        // None of them is handed on before it has stopped here.
        if (members.hasMoreThanItsShare(shares)) void sessions.run(false).then(() => leadership.yield());
      },
      mayTake: () => members.hasLessThanItsShare(shares),
    });
    return { leadership, sessions };
  });
  for (const { leadership } of shares) void leadership.start();
  const timer = setInterval(() => {
    const wished = members.shareToAskFor(shares);
    // A store that is away is asked the next time.
    wished?.leadership.ask().catch(() => undefined);
  }, leaseMs / 3);
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    clearInterval(timer);
    await Promise.all(
      shares.map(async ({ leadership, sessions }) => {
        await sessions.stop();
        await leadership.stop();
      }),
    );
  }

  return {
    running,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

interface Share {
  readonly leadership: Leadership;
}

/** Who takes part, as far as it is seen by who leads what. */
class Members {
  readonly #self: string;

  constructor(self: string) {
    this.#self = self;
  }

  hasMoreThanItsShare(shares: readonly Share[]): boolean {
    const counts = this.#counts(shares);
    // Whoever asks may have none yet, and is not seen.
    return (counts.get(this.#self) ?? 0) > shares.length / (counts.size + 1);
  }

  hasLessThanItsShare(shares: readonly Share[]): boolean {
    const counts = this.#counts(shares);
    return (counts.get(this.#self) ?? 0) < shares.length / counts.size;
  }

  /** One of whoever has most, if this process has too few. */
  shareToAskFor<S extends Share>(shares: readonly S[]): S | undefined {
    const counts = this.#counts(shares);
    const fair = Math.floor(shares.length / counts.size);
    if ((counts.get(this.#self) ?? 0) >= fair) return undefined;
    const [holder, most] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
    if (holder === this.#self || most <= fair) return undefined;
    const theirs = shares.filter(({ leadership }) => leadership.holder === holder);
    return theirs[Math.floor(Math.random() * theirs.length)];
  }

  /** How many each leads. */
  #counts(shares: readonly Share[]): Map<string, number> {
    const counts = new Map([[this.#self, 0]]);
    for (const { leadership } of shares) {
      const { holder } = leadership;
      if (holder !== '') counts.set(holder, (counts.get(holder) ?? 0) + 1);
    }
    return counts;
  }
}

/** The same in each process, and about as many names in each share. */
function shareOf(name: string, count: number): number {
  return createHash('sha256').update(name).digest().readUInt32BE() % count;
}

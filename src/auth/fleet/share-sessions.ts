import { isInMemory, Leadership } from '../../adapters/sessions/index.ts';
import { type SessionStore, sha256 } from '../../ports/index.ts';
import type { Logger } from '../options.ts';
import { FullLogger } from '../voice/logger.ts';
import { SharedOut } from './shared-out.ts';
import { SharingVoice } from './sharing-voice.ts';
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
  /** A session could not be started, or not be stopped. Its own events and log say more. Default: it is logged. */
  readonly onError?: (name: string, error: unknown) => void;
  /** How long a process may go without a sign of life, in ms. Others take over within three times this. Default 3,000. */
  readonly leaseMs?: number;
  /** In how many shares the sessions are dealt out; the same in each process, and several for each. Default 32. */
  readonly shares?: number;
  /** Where is told what is wrong with the sharing itself. `false`: nowhere. Default: the console. */
  readonly logger?: Logger | false;
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
  onError,
  leaseMs = 3_000,
  shares: count = 32,
  logger,
}: ShareSessionsOptions<Session>): SharedSessions<Session> {
  for (const [option, value] of Object.entries({ leaseMs, shares: count })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${option} is a whole number, 1 or more, and not ${value}.`);
    }
  }
  const voice = new SharingVoice(new FullLogger(logger), leaseMs);
  voice.options(names, isInMemory(store));
  const told = onError ?? ((name: string, error: unknown) => voice.sessionFailed(name, error));
  const self = crypto.randomUUID();
  const running = new Map<string, Session>();
  const starts = new StartQueue();
  const members = new Members(self);
  const shares = Array.from({ length: count }, (_, index): Share => {
    const own = [...new Set(names)].filter((name) => shareOf(name, count) === index);
    const sessions = new SharedOut({ names: own, create, running, onError: told, starts });
    const share: Share = {
      sessions,
      leadership: new Leadership({
        ...{ store, name: `fleet:${index} of ${count}`, self, leaseMs },
        task: sha256(own.toSorted().join('\n')),
        onOtherTask: () => voice.otherNames(),
        onLook: (error) => voice.store(index, error),
        onChange: (leading) => void sessions.run(leading),
        onAsked: (by) => {
          if (members.hasMoreThanItsShare(shares, by)) void handOn(share);
        },
        mayTake: () => members.hasLessThanItsShare(shares),
      }),
      handedOn: false,
    };
    return share;
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
  readonly sessions: { run(wanted: boolean): Promise<void>; stop(): Promise<void> };
  readonly leadership: Leadership;
  /** It is led here, and about to be given up for another process. */
  handedOn: boolean;
}

/** None of its sessions is handed on before it has stopped here. */
async function handOn(share: Share): Promise<void> {
  share.handedOn = true;
  await share.sessions.run(false);
  await share.leadership.yield();
  share.handedOn = false;
}

/** Who takes part, as far as it is seen by who leads what. */
class Members {
  readonly #self: string;

  constructor(self: string) {
    this.#self = self;
  }

  /** By more than what is handed on already. Nobody takes what is given up by whoever had no more than the others. */
  hasMoreThanItsShare(shares: readonly Share[], asker: string): boolean {
    const counts = this.#counts(shares);
    // Whoever asks may have none yet, and is not seen.
    const members = counts.size + (counts.has(asker) ? 0 : 1);
    return (counts.get(this.#self) ?? 0) > shares.length / members;
  }

  hasLessThanItsShare(shares: readonly Share[]): boolean {
    const counts = this.#counts(shares);
    return (counts.get(this.#self) ?? 0) < shares.length / counts.size;
  }

  /** One of whoever has most, if this process has too few. */
  shareToAskFor(shares: readonly Share[]): Share | undefined {
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
    for (const { leadership, handedOn } of shares) {
      const { holder } = leadership;
      if (holder !== '' && !handedOn) counts.set(holder, (counts.get(holder) ?? 0) + 1);
    }
    return counts;
  }
}

/** The same in each process, and about as many names in each share. */
function shareOf(name: string, count: number): number {
  return Number.parseInt(sha256(name).slice(0, 8), 16) % count;
}

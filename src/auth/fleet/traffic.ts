import type { Rejection } from '../../machines/auth/index.ts';
import { Pace } from './pace.ts';
import { goesFirst, TurnQueue, type Waiting } from './turn-queue.ts';

/** What is asked of a homeserver. Homeservers limit each of them for itself. */
export type TurnKind = 'exchange' | 'logIn' | 'identify';

/** What came of a request: it was taken; the homeserver wants fewer; it is away. Or nothing that says anything of it. */
export type Evidence = 'taken' | { readonly limited: Rejection } | { readonly away: Rejection } | undefined;

export interface TurnRequest {
  readonly kind: TurnKind;
  readonly waiting: Omit<Waiting, 'begin'>;
  readonly signal: AbortSignal;
}

/** The right to send a request now. */
export interface Turn {
  end(evidence: Evidence): void;
}

/** How many requests may be under way at once before any was answered. With each that is taken, one more may. */
const FIRST_WINDOW = 10;

/** How long a homeserver that is away is left alone: doubling from the one to the other, in ms. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;

interface Lane {
  readonly queue: TurnQueue;
  readonly pace: Pace;
}

/**
 * What all sessions of a fleet ask of one homeserver. A limit that one of them meets holds for all; and while the
 * homeserver is away, one of them asks for all whether it is back.
 */
export class HomeserverTraffic {
  readonly #atOnce: number;
  readonly #lanes: Record<TurnKind, Lane> = { exchange: lane(), logIn: lane(), identify: lane() };
  /** To find them again where they have to hurry. */
  readonly #laneOf = new WeakMap<object, { readonly lane: Lane; readonly waiting: Waiting }>();
  #window = FIRST_WINDOW;
  #underWay = 0;
  /** Times in a row that it was found to be away. */
  #failures = 0;
  #away: Rejection | undefined;
  #awayAt = Number.NEGATIVE_INFINITY;
  #askAgainAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param atOnce how many requests may be under way at once */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  get waiting(): number {
    return Object.values(this.#lanes).reduce((sum, { queue }) => sum + queue.size, 0);
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Why the homeserver is left alone, while it is away. */
  get away(): Rejection | undefined {
    return this.#away;
  }

  /** Resolves when the request may be sent. @throws the signal's reason */
  turn({ kind, waiting: wanted, signal }: TurnRequest): Promise<Turn> {
    const lane = this.#lanes[kind];
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const waiting: Waiting = {
        ...wanted,
        begin: () => {
          signal.removeEventListener('abort', leave);
          resolve(this.#begin(lane));
        },
      };
      const leave = () => {
        lane.queue.remove(waiting);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#laneOf.set(wanted, { lane, waiting });
      lane.queue.add(waiting);
      this.#advance();
    });
  }

  /** What waits ahead of time has become urgent. Does nothing if it waits no more. */
  hurry(wanted: object): void {
    const found = this.#laneOf.get(wanted);
    if (found === undefined || found.waiting.urgent) return;
    const { lane, waiting } = found;
    if (lane.queue.remove(waiting)) {
      waiting.urgent = true;
      lane.queue.add(waiting);
    }
  }

  #begin({ pace }: Lane): Turn {
    const sentAt = performance.now();
    this.#underWay += 1;
    pace.sent(sentAt);
    let ended = false;
    return {
      end: (evidence) => {
        if (ended) return;
        ended = true;
        this.#underWay -= 1;
        this.#learn(evidence, pace, sentAt);
        // After a rest, what was learnt of how much it bears at once is no longer relied on.
        if (this.#underWay === 0 && this.waiting === 0) this.#window = Math.min(this.#window, FIRST_WINDOW);
        this.#advance();
      },
    };
  }

  #learn(evidence: Evidence, pace: Pace, sentAt: number): void {
    if (evidence === undefined) return;
    const now = performance.now();
    if (evidence !== 'taken' && 'away' in evidence) return this.#foundAway(evidence.away, sentAt, now);
    // It is there, whatever it says.
    if (sentAt >= this.#awayAt) {
      this.#failures = 0;
      this.#away = undefined;
    }
    if (evidence === 'taken') {
      this.#window = Math.min(this.#atOnce, this.#window + 1);
      pace.taken(sentAt, now);
    } else pace.refused(evidence.limited.retryAfterMs, sentAt, now);
  }

  #foundAway(why: Rejection, sentAt: number, now: number): void {
    // What was under way together fails together, and counts once.
    if (sentAt < this.#awayAt) return;
    this.#failures += 1;
    this.#away = why;
    this.#awayAt = now;
    this.#window = 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    this.#askAgainAt = now + Math.max(pauseMs * (0.75 + Math.random() / 4), why.retryAfterMs ?? 0);
  }

  /** Lets those begin whose turn it is. */
  #advance(): void {
    clearTimeout(this.#timer);
    while (this.#underWay < this.#window) {
      const now = performance.now();
      let next: { readonly lane: Lane; readonly waiting: Waiting } | undefined;
      let readyAt = Number.POSITIVE_INFINITY;
      for (const lane of Object.values(this.#lanes)) {
        const waiting = lane.queue.first;
        if (waiting === undefined) continue;
        const at = Math.max(lane.pace.readyAt, this.#away === undefined ? now : this.#askAgainAt);
        readyAt = Math.min(readyAt, at);
        if (at <= now && (next === undefined || goesFirst(waiting, next.waiting))) next = { lane, waiting };
      }
      if (next === undefined) {
        if (readyAt < Number.POSITIVE_INFINITY)
          this.#timer = setTimeout(() => this.#advance(), Math.max(1, readyAt - now));
        return;
      }
      next.lane.queue.remove(next.waiting);
      next.waiting.begin();
    }
  }
}

function lane(): Lane {
  return { queue: new TurnQueue(), pace: new Pace() };
}

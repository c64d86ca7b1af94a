import type { EventSummary } from './event-summary.ts';
import type { Counters, Durations, Fact, FrameRefusal } from './frame.ts';

/** One step of the machine, as far as it is counted. */
interface CountedStep {
  readonly at: number;
  readonly summary: EventSummary;
  readonly facts: readonly Fact[];
  /** The top-level state that it led to. */
  readonly state: string;
  readonly usable: boolean;
}

type Counter = Exclude<keyof Counters, 'refusals' | 'since' | keyof Waiting>;

/** What waits at the moment, and the messages that have come and gone. */
type Waiting = Pick<Counters, 'held' | 'outgoing' | 'outgoingSince' | 'received' | 'delivered'>;

const counterOf: Readonly<Partial<Record<Fact, Counter>>> = {
  refreshed: 'refreshes',
  'logged-in': 'logins',
  adopted: 'adoptions',
  'device-changed': 'deviceChanges',
  locked: 'locks',
  failed: 'failures',
};

/** Counts what happens to a session, and measures how long it takes. */
export class SessionCounters {
  readonly #since: number;
  readonly #counts: Record<Counter, number> = {
    refreshes: 0,
    logins: 0,
    adoptions: 0,
    rejections: 0,
    troubles: 0,
    locks: 0,
    failures: 0,
    deviceChanges: 0,
  };
  readonly #refusals: Partial<Record<string, Partial<Record<string, number>>>> = {};
  readonly #tookMs: { refreshMs?: number; reconnectMs?: number } = {};
  #state: string | undefined;
  #enteredAt: number;
  #withoutTokenMs = 0;
  #unusableSince: number | undefined;

  /** @param at when the counting begins, in ms since the epoch */
  constructor(at: number) {
    this.#since = at;
    this.#enteredAt = at;
    this.#unusableSince = at;
  }

  /** What was counted until now: a copy that stays as it is. */
  counted(waiting: Waiting): Counters {
    const refusals = Object.entries(this.#refusals).map(([endpoint, counts]) => [
      endpoint,
      Object.freeze({ ...counts }),
    ]);
    return Object.freeze({
      since: this.#since,
      ...this.#counts,
      refusals: Object.freeze(Object.fromEntries(refusals)),
      ...waiting,
    });
  }

  durations(at: number): Durations {
    const open = this.#unusableSince === undefined ? 0 : Math.max(0, at - this.#unusableSince);
    return { ...this.#tookMs, withoutTokenMs: this.#withoutTokenMs + open };
  }

  count({ at, summary, facts, state, usable }: CountedStep): void {
    const { event, outcome, refusal } = summary;
    if (event === 'token.rejected') this.#counts.rejections += 1;
    if (outcome === 'trouble' || refusal?.meaning === 'transient') this.#counts.troubles += 1;
    if (refusal !== undefined) this.#countRefusal(refusal);
    for (const fact of facts) {
      const counter = counterOf[fact];
      if (counter !== undefined) this.#counts[counter] += 1;
    }
    this.#enter(at, state, facts);
    this.#measureWithoutToken(at, usable || state === 'stopped');
  }

  #countRefusal({ endpoint, meaning }: FrameRefusal): void {
    const ofEndpoint = (this.#refusals[endpoint] ??= {});
    ofEndpoint[meaning] = (ofEndpoint[meaning] ?? 0) + 1;
  }

  #enter(at: number, state: string, facts: readonly Fact[]): void {
    const tookMs = Math.max(0, at - this.#enteredAt);
    const isNewToken = facts.some((fact) => /^(?:refreshed|logged-in|adopted)$/.test(fact));
    if (this.#state === 'refreshing' && isNewToken) this.#tookMs.refreshMs = tookMs;
    if (state === this.#state) return;
    if (this.#state === 'reconnecting' && state === 'valid') this.#tookMs.reconnectMs = tookMs;
    this.#state = state;
    this.#enteredAt = at;
  }

  #measureWithoutToken(at: number, usable: boolean): void {
    if (!usable) this.#unusableSince ??= at;
    else if (this.#unusableSince !== undefined) {
      this.#withoutTokenMs += Math.max(0, at - this.#unusableSince);
      this.#unusableSince = undefined;
    }
  }
}

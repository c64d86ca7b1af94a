import { randomUUID } from 'node:crypto';
import type { SessionRecord, SessionStore } from '../../ports/index.ts';

export interface LeadershipOptions {
  readonly store: SessionStore;
  /** The name of the session that is led. */
  readonly name: string;
  /** How long a leader may go without a sign of life, in ms. Another takes over after at most three times this. */
  readonly leaseMs: number;
  /** Called when this process begins or ceases to lead. */
  readonly onChange: (leading: boolean) => void;
}

/**
 * Elects one of the processes that share a store. The leader counts a beat on in the store; the others watch it, each
 * by its own clock, so no clocks need to agree. A leader that could not beat for a lease steps down by itself; another
 * takes over only when it has seen no beat for two. Between the two there may be no leader; there are never two.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #recordName: string;
  readonly #self = randomUUID();
  #leading = false;
  #seen: { beat: number; at: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stepDown: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> | undefined;
  #stopped = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#recordName = `${options.name}#leader`;
  }

  get leading(): boolean {
    return this.#leading;
  }

  /** Tries at once, and then again and again. Resolves after the first try. */
  async start(): Promise<void> {
    if (this.#stopped || this.#turn !== undefined) return this.#turn;
    this.#turn = this.#beat();
    await this.#turn;
    this.#turn = undefined;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.start(), this.#options.leaseMs / 3);
  }

  /** Stops trying, and hands the lead on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
    const led = this.#leading;
    this.#lead(0);
    if (!led) return;
    await this.#options.store
      .transact(this.#recordName, async (record) =>
        record?.leader?.holder === this.#self
          ? { record: { ...record, leader: { holder: '', beat: record.leader.beat + 1 } }, result: undefined }
          : { result: undefined },
      )
      // The others find out by themselves, a little later.
      .catch(() => undefined);
  }

  /** One look at the store, and a beat if this process leads or may lead. A store that is away changes nothing. */
  async #beat(): Promise<void> {
    const startedAt = performance.now();
    try {
      if (!this.#leading && !this.#vacant(await this.#options.store.read(this.#recordName))) return;
      const leads = await this.#options.store.transact(this.#recordName, async (record) => {
        if (!this.#vacant(record)) return { result: false };
        const leader = { holder: this.#self, beat: (record?.leader?.beat ?? 0) + 1 };
        return { record: { ...record, leader }, result: true };
      });
      this.#lead(leads ? startedAt + this.#options.leaseMs - performance.now() : 0);
    } catch {
      // Until it is back, the lease runs.
    }
  }

  /** Whether this process may lead: nobody does; or it did itself, and nobody has taken over since. */
  #vacant(record: SessionRecord | undefined): boolean {
    const leader = record?.leader;
    if (leader === undefined || leader.holder === '' || leader.holder === this.#self) return true;
    if (this.#seen?.beat !== leader.beat) this.#seen = { beat: leader.beat, at: performance.now() };
    return performance.now() - this.#seen.at > 2 * this.#options.leaseMs;
  }

  /** Leads for that long, unless it beats again meanwhile. A beat that took longer than a lease is none. */
  #lead(forMs: number): void {
    clearTimeout(this.#stepDown);
    const leading = forMs > 0;
    if (leading) this.#stepDown = setTimeout(() => this.#lead(0), forMs);
    if (this.#leading === leading) return;
    this.#leading = leading;
    this.#options.onChange(leading);
  }
}

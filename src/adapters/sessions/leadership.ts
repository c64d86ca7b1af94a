import type { LeaderRecord, SessionStore } from '../../ports/index.ts';
import { Elapsed } from './shared/elapsed.ts';

export interface LeadershipOptions {
  readonly store: SessionStore;
  /** The name of the session that is led. */
  readonly name: string;
  /** This process, as the others see it. Default: another one for each `Leadership`. */
  readonly self?: string;
  /** Whether to take a lead that was given up; one that nobody takes is taken in any case. Default: it is taken. */
  readonly mayTake?: () => boolean;
  /** How long a leader may go without a sign of life, in ms. Another takes over after at most three times this. */
  readonly leaseMs: number;
  /** What this process is to do as the leader, for others to compare; theirs is told by `onOtherTask`. */
  readonly task?: string;
  /** Whoever leads, and lives, does something else than this process would. */
  readonly onOtherTask?: () => void;
  /** Called after each look at the store: with an error, if it did not answer. */
  readonly onLook?: (error: unknown) => void;
  /** Called when this process begins or ceases to lead. */
  readonly onChange: (leading: boolean) => void;
  /** This process leads, and another would like to, see {@link Leadership.ask}. `by` is that one's `self`. */
  readonly onAsked?: (by: string) => void;
}

/**
 * Elects one of the processes that share a store. The leader counts a beat on in the store; the others watch it, each
 * by its own clock, so no clocks need to agree. A leader that could not beat for a lease steps down by itself; another
 * takes over only when it has seen no beat for two. Between the two there may be no leader; there are never two.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #self: string;
  #leading = false;
  #seen: { readonly beat: number; readonly since: Elapsed } | undefined;
  /** Since the last beat of this process. */
  #beaten: Elapsed | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stepDown: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> | undefined;
  #stopped = false;
  #holder = '';
  /** It was given up for others, and is not taken back for a while. */
  #yielded: Elapsed | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#self = options.self ?? crypto.randomUUID();
  }

  get leading(): boolean {
    // The timer may be late: it stands still while the computer is suspended.
    return this.#leading && this.#beaten !== undefined && this.#beaten.ms < this.#options.leaseMs;
  }

  /** Who led when it was last looked at; empty if nobody did. */
  get holder(): string {
    return this.leading ? this.#self : this.#holder;
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
    if (led) await this.#giveUp();
  }

  /** Asks whoever leads for the lead. @throws {SessionStoreError} */
  async ask(): Promise<void> {
    await this.#options.store.update(this.#options.name, 'leader', (record) =>
      record === undefined || record.holder === '' || record.holder === this.#self
        ? { result: undefined }
        : { record: { ...record, wanted: this.#self }, result: undefined },
    );
  }

  /** Gives the lead up for others, who have time to take it. */
  async yield(): Promise<void> {
    this.#yielded = new Elapsed();
    await this.#turn;
    const led = this.#leading;
    this.#lead(0);
    if (led) await this.#giveUp();
  }

  async #giveUp(): Promise<void> {
    this.#holder = '';
    await this.#options.store
      .update(this.#options.name, 'leader', (record) =>
        record?.holder === this.#self
          ? { record: { ...withoutWish(record), holder: '', beat: record.beat + 1 }, result: undefined }
          : { result: undefined },
      )
      // The others find out by themselves, a little later.
      .catch(() => undefined);
  }

  /** One look at the store, and a beat if this process leads or may lead. A store that is away changes nothing. */
  async #beat(): Promise<void> {
    const { store, name, leaseMs, task, onLook } = this.#options;
    const begun = new Elapsed();
    try {
      if (!this.#leading && !this.#vacant(await store.read(name, 'leader'))) return onLook?.(undefined);
      const { leads, askedBy } = await store.update(name, 'leader', (record) => {
        if (!this.#vacant(record)) return { result: { leads: false, askedBy: undefined } };
        const askedBy = record?.holder === this.#self ? record.wanted : undefined;
        return {
          record: {
            ...withoutWish(record),
            ...(task === undefined ? {} : { task }),
            ...{ holder: this.#self, beat: (record?.beat ?? 0) + 1 },
          },
          result: { leads: true, askedBy },
        };
      });
      onLook?.(undefined);
      if (leads) this.#beaten = begun;
      this.#lead(leads ? leaseMs - begun.ms : 0);
      if (askedBy !== undefined) this.#options.onAsked?.(askedBy);
    } catch (error) {
      // Until it is back, the lease runs.
      if (!this.leading) this.#lead(0);
      onLook?.(error);
    }
  }

  /** Whether this process may lead: nobody does; or it did itself, and nobody has taken over since. */
  #vacant(record: LeaderRecord | undefined): boolean {
    this.#holder = record?.holder ?? '';
    // Whoever has asked for it comes first.
    if (this.#yielded !== undefined && this.#yielded.monotonicMs < 2 * this.#options.leaseMs) return false;
    if (record === undefined || record.holder === this.#self) return true;
    if (record.holder === '' && this.#options.mayTake?.() !== false) return true;
    if (this.#seen?.beat !== record.beat) {
      const lives = this.#seen !== undefined && record.holder !== '';
      const { task, onOtherTask } = this.#options;
      if (lives && record.task !== undefined && record.task !== task) onOtherTask?.();
      this.#seen = { beat: record.beat, since: new Elapsed() };
    }
    // By the monotonic clock alone: a clock that is set forward is no silence.
    return this.#seen.since.monotonicMs > 2 * this.#options.leaseMs;
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

function withoutWish(record: LeaderRecord | undefined): Omit<LeaderRecord, 'wanted'> | undefined {
  if (record === undefined) return undefined;
  const { wanted: _, ...rest } = record;
  return rest;
}

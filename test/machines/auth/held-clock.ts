import type { AnyActorRef } from 'xstate';

interface HeldTimer {
  readonly fn: (...args: unknown[]) => void;
  readonly ms: number;
  readonly event: string;
}

/** A clock for an actor, on which no time passes: a test says which of the timers that are set goes off. */
export class HeldClock {
  readonly #timers = new Map<number, HeldTimer>();
  #last = 0;
  /** To be set before the actor starts. */
  actor: AnyActorRef | undefined;

  setTimeout(fn: (...args: unknown[]) => void, ms: number): number {
    // XState notes the event before it sets the timer for it.
    const scheduled = Object.values(this.actor?.system.getSnapshot()._scheduledEvents ?? {}).at(-1);
    this.#last += 1;
    this.#timers.set(this.#last, { fn, ms, event: scheduled?.event.type ?? 'unknown' });
    return this.#last;
  }

  clearTimeout(id: number): void {
    this.#timers.delete(id);
  }

  /** The types of the events that wait for their time, such as `xstate.after.backoff.auth.restoring.backingOff`. */
  get pending(): string[] {
    return [...this.#timers.values()].map(({ event }) => event);
  }

  /** How long the timer for that event was set to, in ms. */
  msOf(event: string): number {
    return this.#find(event)[1].ms;
  }

  fire(event: string): void {
    const [id, { fn }] = this.#find(event);
    this.#timers.delete(id);
    fn();
  }

  #find(event: string): [number, HeldTimer] {
    const found = [...this.#timers].find(([, timer]) => timer.event === event);
    if (found === undefined)
      throw new Error(`No timer is set for ${event}, only for: ${this.pending.join() || 'none'}.`);
    return found;
  }
}

/** A request that waits to be sent. */
export interface Waiting {
  /** Requests of the bot wait for it: it goes before those that are ahead of time. */
  urgent: boolean;
  /** Since when its session has wanted it, refusals included. */
  readonly since: number;
  readonly begin: () => void;
}

/** Who waits for a turn: the urgent first, and of these, and of the others, who has waited longest. */
export class TurnQueue {
  /** Each in the order of their turns. */
  readonly #urgent: Waiting[] = [];
  readonly #ahead: Waiting[] = [];

  get size(): number {
    return this.#urgent.length + this.#ahead.length;
  }

  get first(): Waiting | undefined {
    return this.#urgent[0] ?? this.#ahead[0];
  }

  add(waiting: Waiting): void {
    const queue = this.#queueOf(waiting);
    // Almost always at its end; one that was refused comes back to its place.
    const before = queue.findLastIndex(({ since }) => since <= waiting.since);
    queue.splice(before + 1, 0, waiting);
  }

  /** Says whether it was there. */
  remove(waiting: Waiting): boolean {
    const queue = this.#queueOf(waiting);
    const index = queue.indexOf(waiting);
    if (index >= 0) queue.splice(index, 1);
    return index >= 0;
  }

  #queueOf({ urgent }: Waiting): Waiting[] {
    return urgent ? this.#urgent : this.#ahead;
  }
}

/** Whether `a` is to be sent before `b`. */
export function goesFirst(a: Waiting, b: Waiting): boolean {
  return a.urgent === b.urgent ? a.since < b.since : a.urgent;
}

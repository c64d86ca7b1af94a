import type { ClientTrouble } from '../../ports/index.ts';
import { settlesWithin } from './abortable.ts';
import { isPromise } from './call-all.ts';

/** What is handed to the bot's own code: an event, or what stands for a room as a whole. */
export interface Handed {
  /** Empty for what belongs to no room. */
  readonly roomId: string;
  /** The SDK's name of what happened, such as `room.message`. */
  readonly type: string;
  readonly eventId?: string | undefined;
}

export interface DeliveriesOptions {
  /** How long a handler may hold up what comes after in its room. 0: not at all. */
  readonly handlerTimeoutMs: number;
  readonly onTrouble: (trouble: ClientTrouble) => void;
  /** Everything up to this position has been handled. */
  readonly onHandled: (position: string) => void;
}

/** One answer of `/sync` that is being delivered. */
export interface Delivery {
  /** Does this when everything earlier of its room is done. */
  hand(what: Handed, work: () => unknown): void;
  /** Nothing more will be handed. @param position that of the answer */
  close(position: string): void;
  /** Its position does not count: the answer will come again. */
  drop(): void;
}

interface Answer {
  position: string;
  /** How much of it is not handled yet; while it is open, one more. */
  left: number;
  /** The bot was given something of it. */
  begun: boolean;
}

/** What does not count as handled is never done. */
const never = new Promise<never>(() => {});

/** So many may wait for their room before the next answer is asked for. */
const MOST_WAITING = 1_000;

/**
 * Hands the events of the sync to the bot's own code: in order within a room, the rooms beside each other. A position
 * counts as reached when everything up to it has been handled, also what an earlier answer has brought.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  /** Those not handled to their end yet, in order. */
  readonly #answers: Answer[] = [];
  /** What was handed last of each room that has not come to its end yet. */
  readonly #rooms = new Map<string, Promise<void>>();
  readonly #watchers = new Set<() => void>();
  #waiting = 0;
  #running = 0;
  #stopping = false;
  #closed = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  begin(): Delivery {
    const answer: Answer = { position: '', left: 1, begun: false };
    this.#answers.push(answer);
    return {
      hand: (what, work) => this.#hand(answer, what, work),
      close: (position) => {
        answer.position = position;
        this.#handled(answer);
      },
      drop: () => this.#drop(answer),
    };
  }

  /** Resolves when the next answer may come. */
  roomForMore(): Promise<void> {
    return this.#until(() => this.#waiting < MOST_WAITING || this.#stopping);
  }

  /** Whether nothing of what is not handled yet was given to the bot. */
  get clean(): boolean {
    return this.#answers.every(({ begun }) => !begun);
  }

  /** Whether all that has come is handled. */
  get settled(): boolean {
    return this.#answers.length === 0;
  }

  /**
   * Begins nothing more, and resolves when what was begun is done. A handler that fails meanwhile has most likely failed
   * for the end of its session: its event does not count as handled.
   */
  stop(): Promise<void> {
    this.#stopping = true;
    return this.#until(() => this.#running === 0);
  }

  /** What is not done by now does not count as handled. */
  close(): void {
    this.#stopping = true;
    this.#closed = true;
  }

  #hand(answer: Answer, what: Handed, work: () => unknown): void {
    const { roomId } = what;
    const before = this.#rooms.get(roomId);
    const working =
      before === undefined
        ? this.#work(answer, what, work)
        : before.then(() => this.#work(answer, what, work));
    if (working === undefined) return;
    answer.left += 1;
    this.#waiting += 1;
    const done = working.then(() => {
      if (this.#rooms.get(roomId) === done) this.#rooms.delete(roomId);
      this.#waiting -= 1;
      this.#handled(answer);
      this.#changed();
    });
    this.#rooms.set(roomId, done);
  }

  /** `undefined` where it is done at once. */
  #work(answer: Answer, what: Handed, work: () => unknown): Promise<void> | undefined {
    if (this.#stopping) return never;
    answer.begun = true;
    try {
      const result = work();
      return isPromise(result) ? this.#bounded(what, result) : undefined;
    } catch (error) {
      this.#options.onTrouble({ ...what, code: 'handler-failed', error });
      return undefined;
    }
  }

  async #bounded(what: Handed, result: PromiseLike<unknown>): Promise<void> {
    const { handlerTimeoutMs, onTrouble } = this.#options;
    let failed = false;
    this.#running += 1;
    const handling = Promise.resolve(result).then(undefined, (error: unknown) => {
      failed = true;
      if (!this.#stopping) onTrouble({ ...what, code: 'handler-failed', error });
    });
    if (handlerTimeoutMs > 0 && !(await settlesWithin(handlerTimeoutMs, handling)))
      onTrouble({ ...what, code: 'handler-slow', heldMs: handlerTimeoutMs });
    this.#running -= 1;
    this.#changed();
    if (failed && this.#stopping) await never;
  }

  #handled(answer: Answer): void {
    if (this.#closed) return;
    answer.left -= 1;
    let reached: string | undefined;
    while (this.#answers[0]?.left === 0) reached = this.#answers.shift()?.position;
    if (reached !== undefined) this.#options.onHandled(reached);
  }

  #drop(answer: Answer): void {
    const index = this.#answers.indexOf(answer);
    if (index !== -1) this.#answers.splice(index, 1);
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const watcher = () => {
        if (!done()) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
      watcher();
    });
  }
}

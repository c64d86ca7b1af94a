interface Message {
  readonly sentAt: number;
  failed: boolean;
  /** How often the bot was given it. */
  heard: number;
  /** How often an answer to it was delivered to the sender. */
  answers: number;
}

export interface Counts {
  readonly sent: number;
  /** Answered, once or more. */
  readonly answered: number;
  /** Not answered yet, and not lost yet. */
  readonly waiting: number;
  /** Not answered in time, or refused by the homeserver. */
  readonly lost: number;
  /** Handled by the bot, or answered, more than once. */
  readonly twice: number;
}

/** A message that was not answered for so long counts as lost, until an answer comes after all. */
export const ANSWERED_WITHIN_MS = 10_000;

/**
 * What became of each message. A message goes by its text, which no other has: so a message that reached the
 * homeserver twice, under two event ids, shows up as two answers to one message.
 */
export class Tally {
  readonly #messages = new Map<string, Message>();
  readonly #now: () => number;
  #onProgress = () => {};

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  sent(text: string): void {
    this.#messages.set(text, { sentAt: this.#now(), failed: false, heard: 0, answers: 0 });
  }

  /** The homeserver did not take it. */
  failed(text: string): void {
    this.#note(text, (message) => {
      message.failed = true;
    });
  }

  /** The bot was given it. */
  heard(text: string): void {
    this.#note(text, (message) => {
      message.heard += 1;
    });
  }

  /** The sender was given an answer to it. */
  answered(text: string): void {
    this.#note(text, (message) => {
      message.answers += 1;
    });
  }

  /** The bot starts anew: what its last process did not finish, this one may be given again. */
  restarted(): void {
    for (const message of this.#messages.values()) message.heard = 0;
  }

  counts(): Counts {
    const messages = [...this.#messages.values()];
    const count = (is: (message: Message) => boolean) => messages.filter(is).length;
    const overdue = (message: Message) =>
      message.failed || this.#now() - message.sentAt >= ANSWERED_WITHIN_MS;
    return {
      sent: messages.length,
      answered: count((message) => message.answers > 0),
      waiting: count((message) => message.answers === 0 && !overdue(message)),
      lost: count((message) => message.answers === 0 && overdue(message)),
      twice: count((message) => message.answers > 1 || message.heard > 1),
    };
  }

  /** Resolves when no message waits for its answer any more, and after `withinMs` at the latest. */
  async settled(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, withinMs);
    this.#onProgress = () => {
      if (this.counts().waiting === 0) resolve();
    };
    this.#onProgress();
    await promise;
    clearTimeout(timer);
  }

  #note(text: string, change: (message: Message) => void): void {
    const message = this.#messages.get(text);
    if (message === undefined) return;
    change(message);
    this.#onProgress();
  }
}

import type { BotProcess } from './bot-process.ts';
import type { FromBot } from './messages.ts';

type SessionMessage = Extract<FromBot, { readonly type: 'session' }>;

/** What the bots of a run have said of their sessions, put together. */
export class Ledger {
  readonly #tokens = new Map<number, string>();
  readonly #first = new Map<number, SessionMessage>();
  readonly #signedOut = new Set<BotProcess>();
  #lostUpdates = 0;
  /** The newest generation that any bot has told of. */
  newest = 0;

  follow(bot: BotProcess): void {
    bot.onMessage((message) => {
      if (message.type === 'session') this.#note(message);
      // A 401 that reaches the caller, or a state that needs a person.
      if (message.type === 'answer' && message.status === 401) this.#signedOut.add(bot);
      if (message.type === 'state' && message.detail === 'failed') this.#signedOut.add(bot);
    });
  }

  #note(message: SessionMessage): void {
    const { generation, fingerprint, at } = message;
    const known = this.#tokens.get(generation);
    // Two tokens of one number: one of them was written over the other.
    if (known !== undefined && known !== fingerprint) this.#lostUpdates += 1;
    this.#tokens.set(generation, fingerprint);
    if (at < (this.#first.get(generation)?.at ?? Number.POSITIVE_INFINITY))
      this.#first.set(generation, message);
    this.newest = Math.max(this.newest, generation);
  }

  /** Times that one session was written over another, or was not there any more at the end. */
  lostUpdates(storedAtTheEnd: number): number {
    return this.#lostUpdates + Math.max(0, this.newest - storedAtTheEnd);
  }

  /** Processes that were signed out. */
  get signedOut(): number {
    return this.#signedOut.size;
  }

  /** What was said first of each generation, in order. */
  get renewals(): readonly SessionMessage[] {
    return [...this.#first.values()].sort((a, b) => a.generation - b.generation);
  }
}

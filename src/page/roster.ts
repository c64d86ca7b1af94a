import { observe, type Observer } from '../observe/index.ts';
import type { Bot } from './options.ts';

export interface Entry {
  /** Its part of the page's address. */
  readonly id: string;
  readonly observer: Observer;
  /** The turn in which it last changed. */
  turn: number;
  /** How many requests it held, and how many messages waited, when it was last looked at. */
  waiting: string;
  /** It has changed, and has not been given its turn yet. */
  changed: boolean;
}

/** The bots on the page, and the order in which they last changed. */
export class Roster {
  /** Those that changed last are at the end. */
  readonly #entries = new Map<string, Entry>();
  readonly #onChange: () => void;
  readonly #logger: { warn(message: string): void };
  readonly #leave = new Map<string, () => void>();
  #changed: Entry[] = [];
  #gone: { readonly id: string; readonly turn: number }[] = [];
  #turn = 0;

  constructor(onChange: () => void, logger: { warn(message: string): void }) {
    this.#onChange = onChange;
    this.#logger = logger;
  }

  /** The turn of the latest change. */
  get turn(): number {
    return this.#turn;
  }

  /** Gives each bot that has changed a new turn. */
  settle(): void {
    for (const entry of this.#changed.splice(0)) {
      entry.changed = false;
      if (this.#entries.get(entry.id) !== entry) continue;
      this.#turn += 1;
      entry.turn = this.#turn;
      this.#entries.delete(entry.id);
      this.#entries.set(entry.id, entry);
    }
  }

  get entries(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  add(bot: Bot): () => void {
    const own =
      'framesAfter' in bot ? undefined : observe(bot, { name: this.#freeName(), logger: this.#logger });
    const observer = own ?? (bot as Observer);
    const id = idOf(observer.name);
    if (this.#entries.has(id)) {
      throw new TypeError(
        `There is a bot on the page already whose name is "${observer.name}", or as good as that. Give each a name of its own: observe(auth, { name }).`,
      );
    }
    this.#turn += 1;
    const entry: Entry = { id, observer, turn: this.#turn, waiting: waitingAt(observer), changed: false };
    this.#entries.set(id, entry);
    this.#gone = this.#gone.filter((gone) => gone.id !== id);
    const unsubscribe = observer.subscribe(() => this.#touch(entry));
    const leave = () => {
      if (this.#leave.get(id) !== leave) return;
      this.#leave.delete(id);
      unsubscribe();
      own?.stop();
      this.#entries.delete(id);
      this.#turn += 1;
      this.#gone.push({ id, turn: this.#turn });
      this.#onChange();
    };
    this.#leave.set(id, leave);
    this.#onChange();
    return leave;
  }

  /** Those that changed after this turn, the earliest first. */
  changedSince(turn: number): { readonly entries: readonly Entry[]; readonly gone: readonly string[] } {
    const entries: Entry[] = [];
    for (const entry of [...this.#entries.values()].reverse()) {
      if (entry.turn <= turn) break;
      entries.push(entry);
    }
    return {
      entries: entries.reverse(),
      gone: this.#gone.filter((gone) => gone.turn > turn).map(({ id }) => id),
    };
  }

  /** Looks at what changes without a frame: how much waits, and how many messages have come and gone. */
  lookAtWaiting(): void {
    for (const entry of this.#entries.values()) {
      const waiting = waitingAt(entry.observer);
      if (waiting === entry.waiting) continue;
      entry.waiting = waiting;
      this.#touch(entry);
    }
  }

  clear(): void {
    for (const leave of [...this.#leave.values()]) leave();
  }

  #touch(entry: Entry): void {
    if (entry.changed) return;
    entry.changed = true;
    this.#changed.push(entry);
    this.#onChange();
  }

  #freeName(): string {
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? 'bot' : `bot ${count}`;
      if (!this.#entries.has(idOf(name))) return name;
    }
  }
}

function waitingAt({ held, outgoing, received, delivered }: Observer): string {
  return `${held} ${outgoing} ${received} ${delivered}`;
}

/** A name as a part of an address that needs no escaping, and cannot climb. */
function idOf(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .replace(/[^a-z0-9-]/g, (letter) => (letter.codePointAt(0) ?? 0).toString(36));
  return id === '' ? 'bot' : id;
}

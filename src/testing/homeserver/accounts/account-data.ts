import type { JsonObject } from '../../json.ts';
import type { Stream } from '../sync/stream.ts';

interface Entry {
  readonly type: string;
  readonly content: JsonObject;
  readonly position: number;
}

/** The account data of the users: global (`room` undefined) and per room. */
export class AccountData {
  readonly #stream: Stream;
  readonly #entries = new Map<string, Map<string, Entry>>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  set(userId: string, roomId: string | undefined, type: string, content: JsonObject): void {
    const key = `${userId}\n${roomId ?? ''}`;
    const entries = this.#entries.get(key) ?? new Map<string, Entry>();
    entries.set(type, { type, content, position: this.#stream.advance() });
    this.#entries.set(key, entries);
    this.#stream.notify(new Set([userId]));
  }

  get(userId: string, roomId: string | undefined, type: string): JsonObject | undefined {
    return this.#entries.get(`${userId}\n${roomId ?? ''}`)?.get(type)?.content;
  }

  /** What changed after this position, as `/sync` shows it. */
  changed(
    userId: string,
    roomId: string | undefined,
    after: number,
  ): { type: string; content: JsonObject }[] {
    const entries = [...(this.#entries.get(`${userId}\n${roomId ?? ''}`)?.values() ?? [])];
    return entries.filter((entry) => entry.position > after).map(({ type, content }) => ({ type, content }));
  }
}

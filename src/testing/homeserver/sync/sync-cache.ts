import type { JsonObject } from '../../json.ts';

const KEPT_MS = 120_000;
const KEPT = 100;

/**
 * Synapse answers the same `/sync` of the same device with the same answer for two minutes, whatever has happened
 * since; its `next_batch` leads the client to the rest.
 */
export class SyncCache {
  readonly #now: () => number;
  readonly #answers = new Map<string, { readonly body: JsonObject; readonly at: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  async get(
    question: readonly unknown[],
    since: string | null,
    answer: () => Promise<JsonObject>,
  ): Promise<JsonObject> {
    const key = JSON.stringify(question);
    const kept = this.#answers.get(key);
    if (kept !== undefined && this.#now() - kept.at < KEPT_MS) return kept.body;
    const body = await answer();
    // An answer that leads nowhere would be given for two minutes.
    if (body['next_batch'] === since) return body;
    this.#answers.delete(key);
    this.#answers.set(key, { body, at: this.#now() });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > KEPT && oldest !== undefined) this.#answers.delete(oldest);
    return body;
  }
}

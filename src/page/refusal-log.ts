const PERIOD_MS = 60_000;
const MOST_KINDS = 20;

/** Logs refused requests: the first of a kind at once, the others of that minute as a number. */
export class RefusalLog {
  readonly #logger: { warn(message: string): void };
  readonly #kinds = new Map<string, { toldAt: number; untold: number }>();

  constructor(logger: { warn(message: string): void }) {
    this.#logger = logger;
  }

  note(kind: string, from: string | undefined): void {
    const now = Date.now();
    const known = this.#kinds.get(kind);
    if (known !== undefined && now - known.toldAt < PERIOD_MS) {
      known.untold += 1;
      return;
    }
    if (known === undefined && this.#kinds.size >= MOST_KINDS) return;
    const before =
      known === undefined || known.untold === 0 ? '' : ` (and ${known.untold} more since it was last told)`;
    this.#kinds.set(kind, { toldAt: now, untold: 0 });
    this.#logger.warn(
      `matrix-auth-machine: the live page refused a request from ${from ?? 'an unknown address'}: ${kind}${before}. Others like it are counted for a minute, and told with the next.`,
    );
  }
}

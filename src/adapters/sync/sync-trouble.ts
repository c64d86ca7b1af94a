import type { SyncTrouble } from '../../ports/index.ts';

/** Trouble that lasts is reported after these times, then once an hour. */
const REPORTS_MS = [10_000, 60_000, 600_000] as const;
const HOUR_MS = 3_600_000;

/** Why a request of `/sync` brought nothing: what the homeserver answered, or why it did not. */
export interface SyncFailure {
  readonly status?: number;
  readonly errcode?: string;
  /** The system's or the library's name for it, such as `ECONNREFUSED`. */
  readonly why?: string;
}

/**
 * Reports a sync that brings nothing: a refusal as soon as it repeats, anything else once it has lasted for ten
 * seconds, and what lasts ever more seldom.
 */
export class SyncTroubleReport {
  readonly #initial: boolean;
  readonly #onTrouble: ((trouble: SyncTrouble) => void) | undefined;
  #since: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #last: SyncFailure = {};
  /** How often the last refusal has come in a row. */
  #refusals = 0;
  /** The refusals that were reported at once, when they repeated. */
  readonly #reported = new Set<string>();
  #closed = false;

  constructor(initial: boolean, onTrouble: ((trouble: SyncTrouble) => void) | undefined) {
    this.#initial = initial;
    this.#onTrouble = onTrouble;
  }

  /** From now on the sync is awaited: no answer within ten seconds is trouble, too. */
  begin(): void {
    if (this.#since !== undefined || this.#closed) return;
    this.#since = performance.now();
    this.#arm(0);
  }

  failed(failure: SyncFailure): void {
    if (this.#closed) return;
    this.begin();
    const refused = isRefusal(failure);
    this.#refusals = refused && nameOf(failure) === nameOf(this.#last) ? this.#refusals + 1 : Number(refused);
    this.#attempts += 1;
    this.#last = failure;
    if (this.#refusals < 2 || this.#reported.has(nameOf(failure))) return;
    this.#reported.add(nameOf(failure));
    this.#report();
  }

  /** Nobody waits for the sync any more: nothing is reported from now on. */
  close(): void {
    this.end();
    this.#closed = true;
  }

  /** The sync has brought something. */
  end(): void {
    clearTimeout(this.#timer);
    this.#since = undefined;
    this.#attempts = 0;
    this.#refusals = 0;
    this.#last = {};
    this.#reported.clear();
  }

  #report(): void {
    this.#onTrouble?.({
      code: this.#refusals >= 2 ? 'sync-refused' : 'sync-slow',
      initial: this.#initial,
      sinceMs: this.#lastedMs(),
      attempts: this.#attempts,
      ...this.#last,
    });
  }

  #arm(index: number): void {
    const due = REPORTS_MS[index] ?? HOUR_MS * (index - REPORTS_MS.length + 1);
    this.#timer = setTimeout(() => {
      if (index > 0 || !this.#reported.has(nameOf(this.#last))) this.#report();
      this.#arm(index + 1);
    }, due - this.#lastedMs());
    // The report is no reason to keep a process alive.
    this.#timer.unref();
  }

  #lastedMs(): number {
    return Math.round(performance.now() - (this.#since ?? 0));
  }
}

/** Whether asking again is of little use: a 4xx, but for a rate limit and a token that is being renewed. */
function isRefusal({ status = 0 }: SyncFailure): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 429;
}

function nameOf({ status, errcode }: SyncFailure): string {
  return `${status} ${errcode}`;
}

/** What a refusal's body says. */
export function failureOf(status: number, body: unknown): SyncFailure {
  const errcode = (body as { readonly errcode?: unknown } | null | undefined)?.errcode;
  return { status, ...(typeof errcode === 'string' ? { errcode } : {}) };
}

/** Why there was no answer, without what an error's message may quote. */
export function failureOfError(error: unknown): SyncFailure {
  const { cause, name } = error as { readonly cause?: { readonly code?: unknown }; readonly name?: unknown };
  return { why: String(cause?.code ?? name) };
}

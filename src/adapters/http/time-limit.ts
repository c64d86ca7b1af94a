/**
 * The time limit of one request, which another signal may end as well. `AbortSignal.timeout()` would keep its timer, and
 * what hangs on it, long after the answer is there; that adds up in a process with very many sessions.
 */
export class TimeLimit {
  readonly #abort = new AbortController();
  readonly #ended: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly signal = this.#abort.signal;
  /** Whether the time is over, and the request was aborted for it. */
  passed = false;

  constructor(ms: number, ended: AbortSignal | undefined) {
    this.#ended = ended;
    this.#timer = setTimeout(() => this.#pass(), ms).unref();
    if (ended?.aborted === true) this.handleEvent();
    else ended?.addEventListener('abort', this);
  }

  /** The request has come to its end. */
  end(): void {
    clearTimeout(this.#timer);
    this.#ended?.removeEventListener('abort', this);
  }

  /** The other signal has aborted. It calls this. */
  handleEvent(): void {
    this.#abort.abort(this.#ended?.reason);
  }

  #pass(): void {
    if (this.signal.aborted) return;
    this.passed = true;
    this.#abort.abort(new DOMException('The request took too long.', 'TimeoutError'));
  }
}

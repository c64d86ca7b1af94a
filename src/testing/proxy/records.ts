import { describeMatch, matches, type RequestMatch } from './match.ts';
import type { OpenRecord, RecordedRequest } from './recorded-request.ts';

export interface WaitOptions {
  /** How many requests to wait for, those already seen included. Default 1. */
  readonly count?: number;
  /** How long to wait, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Whether a request counts when it has arrived (`start`) or when it is over (`finish`). Default `finish`. */
  readonly phase?: 'start' | 'finish';
}

interface Waiter {
  check(): void;
  fail(why: string): void;
}

const SHOWN = 30;

/** The requests seen, and those who wait for more. */
export class Records {
  #requests: OpenRecord[] = [];
  readonly #waiters = new Set<Waiter>();

  get all(): readonly RecordedRequest[] {
    return this.#requests;
  }

  add(request: OpenRecord): void {
    this.#requests.push(request);
    this.#check();
  }

  finish(request: OpenRecord): void {
    request.finishedAt = Date.now();
    this.#check();
  }

  clear(): void {
    this.#requests = [];
  }

  count(match: RequestMatch): number {
    return this.#requests.filter((request) => matches(match, request)).length;
  }

  /** @throws Error when the time is over, with what was seen instead. */
  waitFor(match: RequestMatch, options: WaitOptions = {}): Promise<readonly RecordedRequest[]> {
    const { count = 1, timeoutMs = 10_000, phase = 'finish' } = options;
    const seen = () =>
      this.#requests.filter(
        (request) => (phase === 'start' || request.finishedAt !== undefined) && matches(match, request),
      );
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        action();
      };
      const waiter: Waiter = {
        check: () => {
          const found = seen();
          if (found.length >= count) settle(() => resolve(found));
        },
        fail: (why) => {
          const what = `${count} ${phase === 'start' ? 'started' : 'finished'} request(s) matching ${describeMatch(match)}`;
          const error = new Error(`${why} while waiting for ${what}: saw ${seen().length}.\n${this.#list()}`);
          settle(() => reject(error));
        },
      };
      const timer = setTimeout(() => waiter.fail(`${timeoutMs} ms passed`), timeoutMs);
      this.#waiters.add(waiter);
      waiter.check();
    });
  }

  /** Nobody waits any longer. */
  giveUp(why: string): void {
    for (const waiter of this.#waiters) waiter.fail(why);
  }

  #check(): void {
    for (const waiter of this.#waiters) waiter.check();
  }

  #list(): string {
    if (this.#requests.length === 0) return 'No request came through the proxy. Does the client use its URL?';
    const lines = this.#requests.slice(-SHOWN).map((request) => {
      const outcome = request.status ?? (request.finishedAt === undefined ? 'open' : 'no answer');
      const rest = [request.errcode, request.fault && `fault: ${request.fault}`].filter(Boolean).join(', ');
      return `  ${request.method} ${request.path}: ${outcome}${rest === '' ? '' : ` (${rest})`}`;
    });
    const left = this.#requests.length - lines.length;
    return `Requests seen${left > 0 ? ` (the last ${SHOWN} of ${this.#requests.length})` : ''}:\n${lines.join('\n')}`;
  }
}

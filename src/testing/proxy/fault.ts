import { matches, type RequestMatch } from './match.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** What happens to a request instead of being passed on and answered. */
export type Fault =
  /** The proxy answers itself; the homeserver sees nothing. An object as `body` is sent as JSON. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | object;
    }
  /** Passed on; the body of the answer is changed on its way back, the rest of it is as the homeserver sent it. */
  | { readonly kind: 'rewrite'; readonly body: (body: string) => string }
  /** Passed on after `delayMs`. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Never answered and never passed on; it is open until the client gives up. */
  | { readonly kind: 'hang' }
  /** The connection is reset; the homeserver sees nothing. */
  | { readonly kind: 'cut' }
  /** Passed on and answered in full by the homeserver; then the connection is reset, the client sees nothing. */
  | { readonly kind: 'lose-response' }
  /** Passed on; the client gets the head and half of the body of the answer, then the connection ends. */
  | { readonly kind: 'cut-body' };

export type FaultKind = Fault['kind'];

/** A fault and the requests that meet it. */
export interface Injection {
  readonly match: RequestMatch;
  /** How many requests meet it before it is used up; `Infinity` for all until it is removed. Default 1. */
  readonly times?: number;
  readonly fault: Fault;
}

/** A fault that was injected. */
export interface InjectedFault {
  /** How many more requests will meet it. */
  readonly remaining: number;
  /** Resolves with the first request that met it, when that request arrived. Never rejects. */
  readonly hit: Promise<RecordedRequest>;
  /** No more requests meet it. Those it holds already stay as they are. */
  remove(): void;
}

interface Waiting {
  readonly injection: Injection;
  remaining: number;
  readonly hit: (request: RecordedRequest) => void;
}

/** The faults that wait for their requests, in the order of injection. */
export class Faults {
  #waiting: Waiting[] = [];

  /** @throws RangeError if `times` is not a positive whole number or `Infinity`. */
  inject(injection: Injection): InjectedFault {
    const times = injection.times ?? 1;
    if (!(times > 0) || (times !== Number.POSITIVE_INFINITY && !Number.isInteger(times))) {
      throw new RangeError(`times is ${times}: give a positive whole number, or Infinity.`);
    }
    const { promise: hit, resolve } = Promise.withResolvers<RecordedRequest>();
    const waiting: Waiting = { injection, remaining: times, hit: resolve };
    this.#waiting.push(waiting);
    return {
      get remaining() {
        return waiting.remaining;
      },
      hit,
      remove: () => {
        waiting.remaining = 0;
      },
    };
  }

  /** The fault that this request meets: the first injected that matches it. */
  take(request: RecordedRequest): Fault | undefined {
    this.#waiting = this.#waiting.filter((waiting) => waiting.remaining > 0);
    const met = this.#waiting.find((waiting) => matches(waiting.injection.match, request));
    if (met === undefined) return undefined;
    met.remaining -= 1;
    met.hit(request);
    return met.injection.fault;
  }

  clear(): void {
    for (const waiting of this.#waiting) waiting.remaining = 0;
    this.#waiting = [];
  }
}

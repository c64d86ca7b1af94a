import type { Call } from './call.ts';

/** How long an endpoint is not believed, in ms. */
const DISBELIEVED_MS = 3_600_000;
/** How often `whoami` is asked about the token all the same, in ms at the least. */
const DOUBT_MS = 60_000;
/** Endpoints of which it is remembered. The oldest is forgotten first. */
const REMEMBERED = 256;

const monotonicMs = () => performance.now();

/**
 * The endpoints that refused a token which `whoami` takes. Their refusals say nothing about the session for an hour.
 * @param now a monotonic clock, in ms
 */
export class Disbelief {
  readonly #now: () => number;
  /** Most of the time all are believed. */
  #until: Map<string, number> | undefined;
  #doubtedAt = Number.NEGATIVE_INFINITY;
  #doubtedGeneration = 0;

  constructor(now: () => number = monotonicMs) {
    this.#now = now;
  }

  /** Notes that this call's endpoint is wrong. Returns its name if that is new. */
  note(call: Call): string | undefined {
    const endpoint = endpointOf(call);
    const isNew = !this.covers(call);
    this.#until ??= new Map();
    this.#until.delete(endpoint);
    this.#until.set(endpoint, this.#now() + DISBELIEVED_MS);
    const [oldest = endpoint] = this.#until.keys();
    if (this.#until.size > REMEMBERED) this.#until.delete(oldest);
    return isNew ? endpoint : undefined;
  }

  covers(call: Call): boolean {
    return (this.#until?.get(endpointOf(call)) ?? Number.NEGATIVE_INFINITY) > this.#now();
  }

  /**
   * Whether `whoami` is to be asked now, although the endpoint that refused is not believed: once for each token, and
   * once a minute.
   */
  doubts(generation: number): boolean {
    const isNew = generation > this.#doubtedGeneration;
    if (!isNew && this.#now() - this.#doubtedAt < DOUBT_MS) return false;
    this.#doubtedAt = this.#now();
    this.#doubtedGeneration = generation;
    return true;
  }
}

/**
 * The method, and the path without what names one room, user, event or file, such as `GET /_matrix/client/v3/rooms/{id}/members`.
 * A request on behalf of another user (`user_id`, as application services send it) is an endpoint of its own.
 */
export function endpointOf({ method, url }: Pick<Call, 'method' | 'url'>): string {
  const path = url.pathname
    .split('/')
    .map((part) => (isIdentifier(part) ? '{id}' : part))
    .join('/');
  return `${method} ${path}${url.searchParams.has('user_id') ? '?user_id=*' : ''}`;
}

/** Matrix identifiers begin with a sigil; ids of transactions, filters, keys and media have digits, or are long. */
function isIdentifier(part: string): boolean {
  return (
    /^(%21|%40|%24|%23|%2B|[!@$#+])/i.test(part) ||
    (/\d/.test(part) && !/^[vr]\d$/.test(part)) ||
    part.length > 30
  );
}

import { meaningOf, type Rejection } from '../../machines/auth/index.ts';
import type { QueuedMessage } from '../../ports/index.ts';
import type { MessageOutcome } from './outcome.ts';

export interface RoomRequestsOptions {
  /** The session's: it carries the token, and repeats what a dead one was refused for. */
  readonly fetch: typeof globalThis.fetch;
  readonly homeserverUrl: () => string | undefined;
  /** Reads a refusal. */
  readonly readRejection: (endpoint: 'other', status: number, body: unknown, headers: Headers) => Rejection;
}

/** It has to be tried again. */
export interface TryAgain {
  readonly outcome: 'try-again';
  /** How long the homeserver wants everything to wait. */
  readonly waitMs: number;
  /** The homeserver limits the rate: nothing else is to be sent meanwhile. */
  readonly limited: boolean;
}

const REQUEST_LIMIT_MS = 60_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How much earlier than queued an event may seem to be sent: the clocks of bot and homeserver differ. */
const CLOCKS_DIFFER_MS = 60_000;
/** How far back a room is searched. */
const PAGES = 10;

/** A room that was found not to be encrypted is asked about again after this time. */
const UNENCRYPTED_MS = 30_000;

interface TimelineEvent {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: unknown;
  readonly unsigned?: { readonly transaction_id?: unknown };
}

/** What the queue asks of the homeserver. */
export class RoomRequests {
  readonly #options: RoomRequestsOptions;
  /** Rooms, and until when the answer is believed; by a monotonic clock. */
  #unencrypted: Map<string, number> | undefined;

  constructor(options: RoomRequestsOptions) {
    this.#options = options;
  }

  /**
   * Sends the message, always as the same transaction: the homeserver does it once for each device.
   * @throws whatever a request throws that got no answer
   */
  async send(
    { roomId, type, txnId, content }: QueuedMessage,
    signal: AbortSignal,
  ): Promise<MessageOutcome | TryAgain> {
    const path = `/send/${encodeURIComponent(type)}/${encodeURIComponent(txnId)}`;
    const init = {
      method: 'PUT',
      body: JSON.stringify(content),
      headers: { 'content-type': 'application/json' },
    };
    const { response, body } = await this.#request(roomId, path, signal, init);
    const eventId = (body as { readonly event_id?: unknown } | undefined)?.event_id;
    if (response.ok && typeof eventId === 'string') return { outcome: 'delivered', eventId };
    return this.#refusal(response, body);
  }

  /**
   * Whether the message must not be sent as it is.
   * @throws whatever a request throws that got no answer
   */
  async isEncrypted(roomId: string, signal: AbortSignal): Promise<boolean | TryAgain> {
    if ((this.#unencrypted?.get(roomId) ?? Number.NEGATIVE_INFINITY) > performance.now()) return false;
    const { response, body } = await this.#request(roomId, '/state/m.room.encryption', signal);
    if (response.ok) return true;
    const refusal = this.#refusal(response, body);
    if (refusal.outcome === 'try-again') return refusal;
    // Who is not in the room is told so when it sends; there, it may be encrypted.
    if (response.status === 404) {
      this.#unencrypted ??= new Map();
      this.#unencrypted.set(roomId, performance.now() + UNENCRYPTED_MS);
    }
    return false;
  }

  /**
   * The event by which the message has been sent already, if it has; for where the homeserver does not know the
   * transaction any more, as that belongs to a device.
   * @param known events that are other messages'
   * @throws whatever a request throws that got no answer
   */
  async findSent(
    message: QueuedMessage,
    userId: string,
    known: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<string | undefined | TryAgain> {
    const since = message.at - CLOCKS_DIFFER_MS;
    let oldest: string | undefined;
    let from: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const query = new URLSearchParams({ dir: 'b', limit: '100', ...(from === undefined ? {} : { from }) });
      const { response, body } = await this.#request(message.roomId, `/messages?${query}`, signal);
      if (!response.ok) {
        const refusal = this.#refusal(response, body);
        return refusal.outcome === 'try-again' ? refusal : undefined;
      }
      const { chunk = [], end } = body as {
        readonly chunk?: readonly TimelineEvent[];
        readonly end?: string;
      };
      for (const event of chunk) {
        if (event.sender !== userId || event.type !== message.type) continue;
        const txnId = event.unsigned?.transaction_id;
        if (txnId === message.txnId) return event.event_id;
        if (txnId !== undefined || known.has(event.event_id) || event.origin_server_ts < since) continue;
        if (process.getBuiltinModule('node:util').isDeepStrictEqual(event.content, message.content))
          oldest = event.event_id;
      }
      if (end === undefined || chunk.every((event) => event.origin_server_ts < since)) break;
      from = end;
    }
    return oldest;
  }

  #refusal(
    response: Response,
    body: unknown,
  ): Exclude<MessageOutcome, { readonly outcome: 'delivered' }> | TryAgain {
    const { status, headers } = response;
    const rejection = this.#options.readRejection('other', status, body, headers);
    const { errcode, retryAfterMs = 0 } = rejection;
    const limited = status === 429;
    const waitMs = Math.min(retryAfterMs, status >= 500 ? MINUTE_MS : HOUR_MS);
    // An answer without an error code is a proxy's, and a token or an account that is refused is the session's affair.
    const passes =
      response.ok ||
      limited ||
      status >= 500 ||
      status === 408 ||
      (errcode === undefined && status !== 413) ||
      errcode === 'M_RESOURCE_LIMIT_EXCEEDED' ||
      meaningOf(rejection) !== 'not-auth';
    if (passes) return { outcome: 'try-again', waitMs, limited };
    const error = (body as { readonly error?: unknown } | undefined)?.error;
    const words = [status, errcode, typeof error === 'string' ? `(${error})` : undefined];
    const why = `the homeserver refuses it: ${words.filter((word) => word !== undefined).join(' ')}`;
    return { outcome: 'refused', why, status, ...(errcode === undefined ? {} : { errcode }) };
  }

  async #request(
    roomId: string,
    path: string,
    signal: AbortSignal,
    init: RequestInit = {},
  ): Promise<{ readonly response: Response; readonly body: unknown }> {
    const url = `${this.#options.homeserverUrl()}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}${path}`;
    const response = await this.#options.fetch(url, {
      ...init,
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]),
    });
    const body: unknown = await response.json().catch(() => undefined);
    return { response, body };
  }
}

import { stringify } from 'node:querystring';
import { type BotSdkClient, type ClientInternals, internalsOf } from './bot-client.ts';
import { type Answer, errorOf, type MatrixErrorClass, parsed, withoutAnswer } from './request-errors.ts';

export interface ClientRequestsOptions {
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly MatrixError: MatrixErrorClass | undefined;
}

/** What the SDK calls a request's method, endpoint, query, body and so on. */
type DoRequest = BotSdkClient['doRequest'];

/**
 * The requests of one client, which go through the session's `fetch` instead of the SDK's own HTTP: it has the token,
 * and meets what a dead one is refused for. The SDK's setting of `setRequestFn` is for the whole process and left alone.
 */
export class ClientRequests {
  readonly #options: ClientRequestsOptions;
  readonly #end = new AbortController();
  /** Errors that say nothing about the request: there was no answer, or the homeserver had no time for it. */
  readonly #passing = new WeakSet<object>();

  constructor(options: ClientRequestsOptions) {
    this.#options = options;
  }

  /** Takes the place of the client's own way to the homeserver. */
  serve(client: BotSdkClient): void {
    const internals = internalsOf(client);
    internals.doRequest = (...args: Parameters<DoRequest>) => this.#request(internals, ...args);
  }

  /** Whether the same request may succeed later. */
  mayPass(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#passing.has(error);
  }

  /** Ends the requests that are under way; no other is sent. */
  abort(reason: unknown): void {
    this.#end.abort(reason);
  }

  async #request(
    client: ClientInternals,
    method: string,
    endpoint: string,
    query: Record<string, unknown> | null = null,
    body: unknown = null,
    timeoutMs = 60_000,
    raw = false,
    contentType = 'application/json',
    noEncoding = false,
  ): Promise<unknown> {
    const { fetch, MatrixError } = this.#options;
    const signals = [this.#end.signal];
    if (timeoutMs > 0) signals.push(AbortSignal.timeout(timeoutMs));
    const signal = AbortSignal.any(signals);
    signal.throwIfAborted();
    let answer: Answer;
    try {
      const response = await fetch(this.#url(client, endpoint, query), {
        method,
        signal,
        ...bodyOf(body, contentType),
      });
      answer = {
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        body: noEncoding ? Buffer.from(await response.arrayBuffer()) : parsed(await response.text()),
      };
    } catch (error) {
      if (this.#end.signal.aborted) throw this.#end.signal.reason;
      throw this.#noted(withoutAnswer(error, timeoutMs), 0);
    }
    const error = errorOf(answer, MatrixError);
    if (error !== undefined) throw this.#noted(error, answer.statusCode);
    return raw ? answer : answer.body;
  }

  #url(client: ClientInternals, endpoint: string, given: Record<string, unknown> | null): string {
    const query = { ...given };
    if (client.impersonatedUserId) query['user_id'] = client.impersonatedUserId;
    if (client.impersonatedDeviceId) query['org.matrix.msc3202.device_id'] = client.impersonatedDeviceId;
    const path = endpoint.startsWith('/') ? endpoint : `/${endpoint}`;
    const text = stringify(query as Parameters<typeof stringify>[0]);
    if (text === '') return `${this.#options.homeserverUrl}${path}`;
    return `${this.#options.homeserverUrl}${path}${path.includes('?') ? '&' : '?'}${text}`;
  }

  #noted(error: unknown, status: number): unknown {
    if (typeof error === 'object' && error !== null && (status === 0 || status === 429 || status >= 500))
      this.#passing.add(error);
    return error;
  }
}

function bodyOf(body: unknown, contentType: string): Pick<RequestInit, 'body' | 'headers'> {
  if (!body) return {};
  if (Buffer.isBuffer(body))
    return { body: body as Uint8Array<ArrayBuffer>, headers: { 'content-type': contentType } };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

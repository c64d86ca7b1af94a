import type { Endpoint } from '../../machines/auth/index.ts';
import type { Answer, Secret } from '../../ports/index.ts';
import { exchangeHttp, foreignAnswer } from '../http/index.ts';
import { readRejection } from './answers.ts';

/** Where requests go, and how. */
export interface HomeserverOptions {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Time limit of one request, its answer's body included, in ms. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default: the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** One request to the client-server API. */
export interface HomeserverRequest<T> {
  /** What a refusal of it is about. */
  readonly endpoint: Endpoint;
  readonly method: 'GET' | 'POST';
  /** Behind `/_matrix/`. */
  readonly path: string;
  readonly token?: Secret | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Reads a 2xx: its body, as far as it was JSON, and when the request was sent. */
  readonly read: (status: number, body: unknown, sentAt: number) => Answer<T>;
  /** Reads an answer that is no 2xx and no refusal either, such as the question for another stage; `undefined` if it is one. */
  readonly readOther?: (status: number, body: unknown) => T | undefined;
}

/** Sends a request, and says what is wrong where no homeserver answers. Nothing is thrown, and no redirect is followed. */
export async function request<T>(
  { url, timeoutMs = 30_000, fetch = globalThis.fetch }: HomeserverOptions,
  { endpoint, method, path, token, body: sent, signal: ended, read, readOther }: HomeserverRequest<T>,
): Promise<Answer<T>> {
  const address = `${url}/_matrix/${path}`;
  const answer = await exchangeHttp({ endpoint, address, timeoutMs, signal: ended }, (signal) =>
    fetch(address, {
      method,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token.reveal()}` }),
        ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      // No body where there is none: `undefined` stays `undefined`.
      body: JSON.stringify(sent),
      redirect: 'manual',
      signal,
    }),
  );
  if (!answer.ok) return answer;
  const { status, headers, body, sentAt } = answer.value;
  const detail = foreignAnswer(answer.value);
  const found = detail === undefined ? {} : { detail };
  if (status < 200 || status > 299) {
    const other = readOther?.(status, body);
    if (other !== undefined) return { ok: true, value: other };
    return { ok: false, rejection: { ...readRejection(endpoint, status, body, headers), ...found } };
  }
  const value = read(status, body, sentAt);
  return value.ok ? value : { ok: false, rejection: { ...value.rejection, ...found } };
}

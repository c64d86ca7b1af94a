import type { Endpoint, Rejection } from '../../machines/auth/index.ts';
import type { Answer, Secret } from '../../ports/index.ts';
import { malformed, readRejection } from './answers.ts';
import { foreignAnswer, redirectIn } from './foreign-answer.ts';
import { networkFailure } from './network-failure.ts';

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
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = ended === undefined ? timeout : AbortSignal.any([timeout, ended]);
  const sentAt = Date.now();
  const address = `${url}/_matrix/${path}`;
  let status = 0;
  try {
    const response = await fetch(address, {
      method,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token.reveal()}` }),
        ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      // No body where there is none: `undefined` stays `undefined`.
      body: JSON.stringify(sent),
      redirect: 'manual',
      signal,
    });
    ({ status } = response);
    const { headers } = response;
    const redirect = redirectIn(response, address);
    if (redirect !== undefined) {
      await response.body?.cancel();
      return failed({ endpoint, status, trouble: 'malformed', detail: redirect });
    }
    const text = await response.text();
    const body = parse(text);
    const detail = foreignAnswer({ status, headers, text, body });
    const found = detail === undefined ? {} : { detail };
    const other = response.ok ? undefined : readOther?.(status, body);
    if (other !== undefined) return { ok: true, value: other };
    if (!response.ok) return failed({ ...readRejection(endpoint, status, body, headers), ...found });
    const value = read(status, body, sentAt);
    return value.ok ? value : failed({ ...value.rejection, ...found });
  } catch (error) {
    if (timeout.aborted) return failed({ endpoint, status: 0, trouble: 'timeout' });
    // A body that broke off leaves the status, and still no answer that could be understood.
    if (status !== 0) return malformed(endpoint, status);
    return failed({
      endpoint,
      status,
      trouble: 'unreachable',
      ...(ended?.aborted === true ? {} : { detail: networkFailure(error, url) }),
    });
  }
}

function failed(rejection: Rejection): { ok: false; rejection: Rejection } {
  return { ok: false, rejection };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

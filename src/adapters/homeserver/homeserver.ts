import type { Endpoint } from '../../machines/auth/index.ts';
import {
  type Answer,
  type CallOptions,
  type Homeserver,
  type LoginRequest,
  Secret,
} from '../../ports/index.ts';
import { malformed, readLogin, readRefresh, readRejection, readWhoami } from './answers.ts';

export interface HomeserverOptions {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Time limit of one request, its answer's body included, in ms. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default: the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Login, refresh, whoami and logout over `fetch`. These calls never go through a client or through `auth.fetch`, so
 * they cannot wait for themselves. No redirect is followed: a token must not travel to where a redirect points.
 */
export function createHomeserver({
  url,
  timeoutMs = 30_000,
  fetch = globalThis.fetch,
}: HomeserverOptions): Homeserver {
  async function call<T>(
    endpoint: Endpoint,
    path: string,
    init: {
      readonly method: string;
      readonly token?: Secret;
      readonly body?: unknown;
      readonly signal?: AbortSignal | undefined;
    },
    read: (status: number, body: unknown, sentAt: number) => Answer<T>,
  ): Promise<Answer<T>> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal === undefined ? timeout : AbortSignal.any([timeout, init.signal]);
    const sentAt = Date.now();
    let status = 0;
    try {
      const response = await fetch(`${url}/_matrix/client/v3/${path}`, {
        method: init.method,
        headers: {
          ...(init.token === undefined ? {} : { Authorization: `Bearer ${init.token.reveal()}` }),
          ...(init.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        // No body where there is none: `undefined` stays `undefined`.
        body: JSON.stringify(init.body),
        redirect: 'error',
        signal,
      });
      ({ status } = response);
      const body = parse(await response.text());
      return response.ok
        ? read(status, body, sentAt)
        : { ok: false, rejection: readRejection(endpoint, status, body, response.headers) };
    } catch {
      if (timeout.aborted) return { ok: false, rejection: { endpoint, status: 0, trouble: 'timeout' } };
      // A body that broke off leaves the status, and still no answer that could be understood.
      return status === 0
        ? { ok: false, rejection: { endpoint, status, trouble: 'unreachable' } }
        : malformed(endpoint, status);
    }
  }

  return {
    login: (request: LoginRequest, { signal }: CallOptions = {}) =>
      call('login', 'login', { method: 'POST', body: loginBody(request), signal }, readLogin),
    refresh: (refreshToken, { signal } = {}) =>
      call(
        'refresh',
        'refresh',
        { method: 'POST', body: { refresh_token: refreshToken.reveal() }, signal },
        readRefresh,
      ),
    whoami: (token, { signal } = {}) =>
      call('whoami', 'account/whoami', { method: 'GET', token, signal }, readWhoami),
    logout: (token, { signal } = {}) =>
      call('other', 'logout', { method: 'POST', token, body: {}, signal }, () => ({
        ok: true,
        value: undefined,
      })),
  };
}

function loginBody({ flow, deviceId, deviceDisplayName, refreshToken }: LoginRequest): object {
  const parameters = Object.entries(flow).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return {
    ...Object.fromEntries(parameters),
    device_id: deviceId,
    initial_device_display_name: deviceDisplayName,
    ...(refreshToken ? { refresh_token: true } : {}),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

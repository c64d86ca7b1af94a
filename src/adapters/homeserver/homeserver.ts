import type { Endpoint, Rejection } from '../../machines/auth/index.ts';
import {
  type Answer,
  type CallOptions,
  type Homeserver,
  type LoginRequest,
  Secret,
} from '../../ports/index.ts';
import { malformed, readLogin, readRefresh, readRejection, readWhoami } from './answers.ts';
import { foreignAnswer, redirectIn } from './foreign-answer.ts';
import { networkFailure } from './network-failure.ts';

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
    const address = `${url}/_matrix/client/${path}`;
    let status = 0;
    try {
      const response = await fetch(address, {
        method: init.method,
        headers: {
          ...(init.token === undefined ? {} : { Authorization: `Bearer ${init.token.reveal()}` }),
          ...(init.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        // No body where there is none: `undefined` stays `undefined`.
        body: JSON.stringify(init.body),
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
      if (!response.ok) return failed({ ...readRejection(endpoint, status, body, headers), ...found });
      const value = read(status, body, sentAt);
      return value.ok ? value : failed({ ...value.rejection, ...found });
    } catch (error) {
      if (timeout.aborted) return failed({ endpoint, status: 0, trouble: 'timeout' });
      // A body that broke off leaves the status, and still no answer that could be understood.
      if (status !== 0) return malformed(endpoint, status);
      const ended = init.signal?.aborted === true;
      return failed({
        endpoint,
        status,
        trouble: 'unreachable',
        ...(ended ? {} : { detail: networkFailure(error, url) }),
      });
    }
  }

  return {
    async versions({ signal } = {}) {
      const answer = await call('login', 'versions', { method: 'GET', signal }, (status, body) =>
        isObject(body) ? done : malformed('login', status),
      );
      return answer.ok || saysNothing(answer.rejection) ? done : answer;
    },
    login: (request: LoginRequest, { signal }: CallOptions = {}) =>
      call(
        'login',
        'v3/login',
        {
          method: 'POST',
          ...(request.accessToken === undefined ? {} : { token: request.accessToken }),
          body: loginBody(request),
          signal,
        },
        readLogin,
      ),
    refresh: (refreshToken, { signal } = {}) =>
      call(
        'refresh',
        'v3/refresh',
        { method: 'POST', body: { refresh_token: refreshToken.reveal() }, signal },
        readRefresh,
      ),
    whoami: (token, { signal } = {}) =>
      call('whoami', 'v3/account/whoami', { method: 'GET', token, signal }, readWhoami),
    logout: (token, { signal } = {}) =>
      call('other', 'v3/logout', { method: 'POST', token, body: {}, signal }, () => done),
  };
}

const done = { ok: true, value: undefined } as const;

/** A refusal of `/versions` that does not speak against a login: a proxy may let only some endpoints pass. */
function saysNothing({ status, trouble, detail }: Rejection): boolean {
  if (trouble !== undefined) return false;
  return detail === undefined ? status !== 429 && status < 500 : detail.code === 'access-denied';
}

function isObject(body: unknown): boolean {
  return typeof body === 'object' && body !== null;
}

function failed(rejection: Rejection): { ok: false; rejection: Rejection } {
  return { ok: false, rejection };
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

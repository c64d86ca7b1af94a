import type { Rejection } from '../../machines/auth/index.ts';
import { type CallOptions, type Homeserver, type LoginRequest, Secret } from '../../ports/index.ts';
import { malformed, readLogin, readRefresh, readWhoami } from './answers.ts';
import { type HomeserverOptions, request } from './request.ts';

/**
 * Login, refresh, whoami and logout over `fetch`. These calls never go through a client or through `auth.fetch`, so
 * they cannot wait for themselves. No redirect is followed: a token must not travel to where a redirect points.
 */
export function createHomeserver(options: HomeserverOptions): Homeserver {
  return {
    async versions({ signal } = {}) {
      const answer = await request<void>(options, {
        endpoint: 'login',
        method: 'GET',
        path: 'client/versions',
        signal,
        read: (status, body) => (isObject(body) ? done : malformed('login', status)),
      });
      return answer.ok || saysNothing(answer.rejection) ? done : answer;
    },
    login: (wanted: LoginRequest, { signal }: CallOptions = {}) =>
      request(options, {
        endpoint: 'login',
        method: 'POST',
        path: 'client/v3/login',
        token: wanted.accessToken,
        body: loginBody(wanted),
        signal,
        read: readLogin,
      }),
    refresh: (refreshToken, { signal } = {}) =>
      request(options, {
        endpoint: 'refresh',
        method: 'POST',
        path: 'client/v3/refresh',
        body: { refresh_token: refreshToken.reveal() },
        signal,
        read: readRefresh,
      }),
    whoami: (token, { signal } = {}) =>
      request(options, {
        endpoint: 'whoami',
        method: 'GET',
        path: 'client/v3/account/whoami',
        token,
        signal,
        read: readWhoami,
      }),
    logout: (token, { signal } = {}) =>
      request<void>(options, {
        endpoint: 'other',
        method: 'POST',
        path: 'client/v3/logout',
        token,
        body: {},
        signal,
        read: () => done,
      }),
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

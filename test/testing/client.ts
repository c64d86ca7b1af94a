import { expect } from 'vitest';

/** The client-server API as the tests of the testing tools speak it: raw, so that they see every byte. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The bodies are what is tested: they are looked into freely.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  /** Instead of `body`: sent as it is. */
  readonly raw?: string;
  readonly authorization?: string;
  readonly signal?: AbortSignal;
}

/** `path` is below `/_matrix/client/v3`, unless it starts with `/_matrix` or `/.well-known`. */
async function call(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { token, body, raw, signal } = options;
  const authorization = options.authorization ?? (token === undefined ? undefined : `Bearer ${token}`);
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const full = path.startsWith('/_matrix') || path.startsWith('/.well-known');
  const response = await fetch(`${url}${full ? '' : '/_matrix/client/v3'}${path}`, {
    method,
    headers: authorization === undefined ? {} : { authorization },
    ...(text === undefined ? {} : { body: text }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export const passwordLogin = (user: string, password: string, more: object = {}) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password,
  refresh_token: true,
  ...more,
});

/** A homeserver at a URL, and the calls that the tests make most. */
export function clientOf(url: string) {
  const api = {
    call: (method: string, path: string, options?: CallOptions) => call(url, method, path, options),
    get: (path: string, token?: string) => call(url, 'GET', path, token === undefined ? {} : { token }),
    post: (path: string, body: unknown, token?: string) =>
      call(url, 'POST', path, { body, ...(token === undefined ? {} : { token }) }),
    put: (path: string, body: unknown, token: string) => call(url, 'PUT', path, { body, token }),
    login: (user: string, password: string, more?: object) =>
      api.post('/login', passwordLogin(user, password, more)),
    refresh: (refreshToken: string) => api.post('/refresh', { refresh_token: refreshToken }),
    whoami: (token: string) => api.get('/account/whoami', token),
    sync: (token: string, query: Record<string, string | number> = {}, signal?: AbortSignal) => {
      const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      return call(url, 'GET', `/sync?${search}`, { token, ...(signal === undefined ? {} : { signal }) });
    },
    createRoom: async (token: string, body: object = {}): Promise<string> =>
      (await api.post('/createRoom', body, token)).body.room_id,
    send: (token: string, roomId: string, txnId: string, text = txnId) =>
      api.put(
        `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${txnId}`,
        { msgtype: 'm.text', body: text },
        token,
      ),
  };
  return api;
}

/** The error that the promise is rejected with. It is watched from the start, so it may be looked at later. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('It was expected to fail, and did not.');
    },
    (reason: unknown) => reason,
  );

interface Refusal {
  readonly status: number;
  readonly body: object;
}

/** What a refusal says: status and body. */
export const refusalOf = ({ status, body }: Answer): Refusal => ({ status, body });

/**
 * Compares refusals: to the letter on the test homeserver; without the sentence on real Synapse, whose next release
 * may word it in another way.
 */
export function refusals(real: boolean): (answer: Answer, expected: Refusal) => void {
  const told = ({ status, body }: Refusal) => {
    if (!real || !('error' in body)) return { status, body };
    const { error, ...rest } = body;
    expect(error).toEqual(expect.any(String));
    return { status, body: rest };
  };
  return (answer, expected) => expect(told(refusalOf(answer))).toEqual(told(expected));
}

import { setTimeout as delay } from 'node:timers/promises';

/** The client-server API, raw, for tests that observe a homeserver without the product in between. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly deviceId: string;
}

const CLIENT = '/_matrix/client/v3';

export async function call(
  url: string,
  method: string,
  path: string,
  options: { readonly token?: string; readonly body?: object } = {},
): Promise<Answer> {
  const response = await fetch(`${url}${CLIENT}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: Object.fromEntries(Object.entries(Object(await response.json()))),
  };
}

export function login(
  url: string,
  user: string,
  password: string,
  more: { readonly device_id?: string; readonly refresh_token?: boolean } = {},
): Promise<Answer> {
  return call(url, 'POST', '/login', {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user },
      password,
      refresh_token: true,
      ...more,
    },
  });
}

export function refresh(url: string, refreshToken: string): Promise<Answer> {
  return call(url, 'POST', '/refresh', { body: { refresh_token: refreshToken } });
}

export function whoami(url: string, token: string): Promise<Answer> {
  return call(url, 'GET', '/account/whoami', { token });
}

export function createRoom(url: string, token: string): Promise<Answer> {
  return call(url, 'POST', '/createRoom', { token, body: { preset: 'private_chat' } });
}

export function send(url: string, token: string, roomId: string, transaction: string): Promise<Answer> {
  return call(url, 'PUT', `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${transaction}`, {
    token,
    body: { msgtype: 'm.text', body: 'hello' },
  });
}

/** The tokens of a login's or refresh's answer, which must be a 200. */
export function tokensOf(answer: Answer): Session {
  const { access_token: accessToken, refresh_token: refreshToken, device_id: deviceId } = answer.body;
  if (answer.status !== 200 || typeof accessToken !== 'string' || typeof refreshToken !== 'string') {
    throw new Error(`No pair of tokens, but ${answer.status} ${String(answer.body['errcode'])}.`);
  }
  return { accessToken, refreshToken, deviceId: typeof deviceId === 'string' ? deviceId : '' };
}

/** What this project goes by in a refusal: not the sentence, which servers word as they like. */
export function refusal({ status, body }: Answer): object {
  const { errcode, soft_logout: softLogout } = body;
  return { status, errcode, ...(softLogout === undefined ? {} : { softLogout }) };
}

/** Asks every 20 ms until the answer is something else than 200. */
export async function untilRefused(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 200) return answer;
    await delay(20);
  }
}

import { randomUUID } from 'node:crypto';

/** A person on the homeserver, by bare requests: what a test needs besides the bot under test. */
export class Person {
  readonly #url: string;
  readonly #token: string;
  readonly userId: string;
  readonly deviceId: string;

  private constructor(url: string, token: string, userId: string, deviceId: string) {
    this.#url = url;
    this.#token = token;
    this.userId = userId;
    this.deviceId = deviceId;
  }

  /** Signs in with a token that does not expire with the others. */
  static async signIn(
    url: string,
    { localpart, password }: { localpart: string; password: string },
    { refreshToken = false, deviceId }: { refreshToken?: boolean; deviceId?: string } = {},
  ): Promise<Person & { readonly tokens: Tokens }> {
    const body = await send<Tokens>(url, 'POST', '/login', undefined, {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: localpart },
      password,
      ...(deviceId === undefined ? {} : { device_id: deviceId }),
      ...(refreshToken ? { refresh_token: true } : {}),
    });
    const person = new Person(url, body.access_token, body.user_id, body.device_id);
    return Object.assign(person, { tokens: body });
  }

  /** A person who is signed in already. */
  static of(url: string, userId: string, accessToken: string): Person {
    return new Person(url, accessToken, userId, '');
  }

  async createRoom(invite: readonly string[] = []): Promise<string> {
    const body = { invite, preset: 'public_chat' };
    return (await send<{ room_id: string }>(this.#url, 'POST', '/createRoom', this.#token, body)).room_id;
  }

  async join(roomId: string): Promise<void> {
    await send(this.#url, 'POST', `/join/${encodeURIComponent(roomId)}`, this.#token, {});
  }

  async leave(roomId: string): Promise<void> {
    await send(this.#url, 'POST', `/rooms/${encodeURIComponent(roomId)}/leave`, this.#token, {});
  }

  async say(roomId: string, text: string): Promise<string> {
    const path = `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${randomUUID()}`;
    const content = { msgtype: 'm.text', body: text };
    return (await send<{ event_id: string }>(this.#url, 'PUT', path, this.#token, content)).event_id;
  }

  async logout(): Promise<void> {
    await send(this.#url, 'POST', '/logout', this.#token, {});
  }
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly user_id: string;
  readonly device_id: string;
  readonly expires_in_ms?: number;
}

async function send<T>(
  url: string,
  method: string,
  path: string,
  token: string | undefined,
  body: unknown,
): Promise<T> {
  const response = await fetch(`${url}/_matrix/client/v3${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok)
    throw new Error(
      `${method} ${path.replace(/\/[!@][^/]*/, '/…')}: ${response.status} ${await response.text()}`,
    );
  return (await response.json()) as T;
}

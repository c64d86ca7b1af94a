import { randomUUID } from 'node:crypto';

/**
 * A person on the homeserver, by bare requests: what a test needs besides the bot under test. Who signed in with a
 * password does so again when the token has run out, on the same device.
 */
export class Person {
  readonly #url: string;
  readonly #signInAgain: (() => Promise<Tokens>) | undefined;
  #token: string;
  readonly userId: string;
  readonly deviceId: string;

  private constructor(
    url: string,
    { access_token, user_id, device_id }: Tokens,
    signInAgain?: () => Promise<Tokens>,
  ) {
    this.#url = url;
    this.#signInAgain = signInAgain;
    this.#token = access_token;
    this.userId = user_id;
    this.deviceId = device_id;
  }

  static async signIn(
    url: string,
    { localpart, password }: { localpart: string; password: string },
    { refreshToken = false, deviceId }: { refreshToken?: boolean; deviceId?: string } = {},
  ): Promise<Person & { readonly tokens: Tokens }> {
    const logIn = (device = deviceId) =>
      send<Tokens>(url, 'POST', '/login', undefined, {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: localpart },
        password,
        ...(device === undefined ? {} : { device_id: device }),
        ...(refreshToken ? { refresh_token: true } : {}),
      });
    const tokens = await logIn();
    const person = new Person(url, tokens, () => logIn(tokens.device_id));
    return Object.assign(person, { tokens });
  }

  /** A person who is signed in already. */
  static of(url: string, userId: string, accessToken: string): Person {
    return new Person(url, { access_token: accessToken, user_id: userId, device_id: '' });
  }

  async createRoom(invite: readonly string[] = []): Promise<string> {
    const body = { invite, preset: 'public_chat' };
    return (await this.#send<{ room_id: string }>('POST', '/createRoom', body)).room_id;
  }

  async join(roomId: string): Promise<void> {
    await this.#send('POST', `/join/${encodeURIComponent(roomId)}`);
  }

  async leave(roomId: string): Promise<void> {
    await this.#send('POST', `/rooms/${encodeURIComponent(roomId)}/leave`);
  }

  async say(roomId: string, text: string): Promise<string> {
    const path = `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${randomUUID()}`;
    const content = { msgtype: 'm.text', body: text };
    return (await this.#send<{ event_id: string }>('PUT', path, content)).event_id;
  }

  async logout(): Promise<void> {
    await this.#send('POST', '/logout');
  }

  async #send<T>(method: string, path: string, body: unknown = {}): Promise<T> {
    try {
      return await send<T>(this.#url, method, path, this.#token, body);
    } catch (error) {
      if (!(error instanceof TokenExpired && this.#signInAgain)) throw error;
      this.#token = (await this.#signInAgain()).access_token;
      return send<T>(this.#url, method, path, this.#token, body);
    }
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
  if (response.ok) return (await response.json()) as T;
  const text = await response.text();
  const refusal = `${method} ${path.replace(/\/[!@][^/]*/, '/…')}: ${response.status} ${text}`;
  throw response.status === 401 && text.includes('"soft_logout":true')
    ? new TokenExpired(refusal)
    : new Error(refusal);
}

class TokenExpired extends Error {}

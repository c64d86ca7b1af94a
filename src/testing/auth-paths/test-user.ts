import { randomUUID } from 'node:crypto';
import { asObject, asString, type JsonObject, parseJson } from '../json.ts';
import type { BotMessage } from './bot.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
}

/** A user who talks to the bot, with plain requests to the homeserver. */
export class TestUser {
  readonly userId: string;
  readonly accessToken: string;
  readonly #url: string;
  /** Messages of others that were seen, in their order. */
  readonly messages: (BotMessage & { readonly sender: string })[] = [];
  #since: string | undefined;

  constructor(url: string, userId: string, accessToken: string) {
    this.#url = url;
    this.userId = userId;
    this.accessToken = accessToken;
  }

  async createRoom(): Promise<string> {
    return text(await this.#request('POST', '/createRoom', { preset: 'public_chat' }), 'room_id');
  }

  async join(roomId: string): Promise<void> {
    await this.#request('POST', `/join/${encodeURIComponent(roomId)}`, {});
  }

  /** Resolves with the id of the event. */
  async say(roomId: string, body: string): Promise<string> {
    const path = `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${randomUUID()}`;
    return text(await this.#request('PUT', path, { msgtype: 'm.text', body }), 'event_id');
  }

  /** Takes in what was said since the last time; waits up to `timeoutMs` for something. */
  async listen(timeoutMs: number): Promise<void> {
    const filter = JSON.stringify({ room: { timeline: { limit: 1_000, types: ['m.room.message'] } } });
    const query = new URLSearchParams({ filter, timeout: String(Math.round(timeoutMs)) });
    if (this.#since !== undefined) query.set('since', this.#since);
    const answer = await this.#request('GET', `/sync?${query}`);
    this.#since = text(answer, 'next_batch');
    for (const room of Object.values(asObject(asObject(answer['rooms'])['join']))) {
      const events = asObject(asObject(room)['timeline'])['events'];
      for (const event of Array.isArray(events) ? events : []) this.#receive(asObject(event));
    }
  }

  #receive(event: JsonObject): void {
    const sender = asString(event['sender']) ?? '';
    if (sender === this.userId) return;
    const content = asObject(event['content']);
    const relation = asObject(content['m.relates_to']);
    // An edit is the same message again.
    if (relation['rel_type'] === 'm.replace') return;
    const inReplyTo = asString(asObject(relation['m.in_reply_to'])['event_id']);
    const body = asString(content['body']) ?? '';
    this.messages.push({ sender, body, ...(inReplyTo === undefined ? {} : { inReplyTo }) });
  }

  #request(method: string, path: string, body?: object): Promise<JsonObject> {
    return request(this.#url, method, path, body, this.accessToken);
  }
}

/** Signs in. With `deviceId` on this device and with a refresh token, else with a token that does not expire. */
export async function logIn(url: string, user: string, password: string, deviceId?: string): Promise<Tokens> {
  const answer = await request(url, 'POST', '/login', {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user },
    password,
    ...(deviceId === undefined ? {} : { device_id: deviceId, refresh_token: true }),
  });
  const refreshToken = asString(answer['refresh_token']);
  return {
    accessToken: text(answer, 'access_token'),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
}

async function request(
  url: string,
  method: string,
  path: string,
  body?: object,
  token?: string,
): Promise<JsonObject> {
  const response = await fetch(`${url}/_matrix/client/v3${path}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = asObject(parseJson(await response.text()));
  if (response.ok) return answer;
  throw new Error(
    `The test homeserver refused ${method} ${path.split('?')[0]}: ${response.status} ${String(answer['errcode'])}.`,
  );
}

function text(answer: JsonObject, name: string): string {
  const value = asString(answer[name]);
  if (value === undefined) throw new Error(`The test homeserver's answer has no ${name}.`);
  return value;
}

import {
  ClientEvent,
  createClient,
  type MatrixClient,
  MatrixError,
  RoomEvent,
  SyncState,
} from 'matrix-js-sdk';

import type { BotAccount, BotUnderTest } from '../../src/testing/index.ts';
import { quietLogger } from '../support/bot.ts';

/**
 * An echo bot after the pattern of morpheum's TokenManager, written anew, its faults kept:
 * - only the handler of messages is wrapped, so a token that dies while nothing is said goes unnoticed;
 * - `M_FORBIDDEN` counts as a token error;
 * - it logs in without a `device_id` and asks for no refresh token;
 * - the handler that is run again still has the old client.
 */
export const likeMorpheum: BotUnderTest<MorpheumBot> = {
  async start(account) {
    const bot = new MorpheumBot(account);
    await bot.connect();
    return bot;
  },
  stop: (bot) => bot.stop(),
};

class MorpheumBot {
  readonly #account: BotAccount;
  #client: MatrixClient | undefined;
  #stopped = false;

  constructor(account: BotAccount) {
    this.#account = account;
  }

  async connect(): Promise<void> {
    const { homeserverUrl: baseUrl, username, password } = this.#account;
    const { access_token: accessToken, user_id: userId } = await createClient({
      baseUrl,
      logger: quietLogger,
    }).loginRequest({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: username },
      password,
    });
    this.#client?.stopClient();
    const client = createClient({ baseUrl, accessToken, userId, logger: quietLogger });
    this.#client = client;
    const prepared = new Promise<void>((resolve) => {
      client.on(ClientEvent.Sync, (state) => state === SyncState.Prepared && resolve());
    });
    await client.startClient();
    await prepared;
    if (this.#stopped) return client.stopClient();
    client.on(RoomEvent.Timeline, (event, room) => {
      if (!room || event.getType() !== 'm.room.message' || event.getSender() === userId) return;
      const answer = () => client.sendNotice(room.roomId, `You said: ${event.getContent()['body']}`);
      this.#withTokenRefresh(answer).catch(() => undefined);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#client?.stopClient();
  }

  async #withTokenRefresh<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isTokenError(error)) throw error;
      await this.connect();
      return await work();
    }
  }
}

function isTokenError(error: unknown): boolean {
  return (
    error instanceof MatrixError &&
    ['M_UNKNOWN_TOKEN', 'M_MISSING_TOKEN', 'M_FORBIDDEN'].includes(error.errcode ?? '')
  );
}

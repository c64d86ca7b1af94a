import { randomBytes } from 'node:crypto';
import { startTestHomeserver } from '../homeserver/start.ts';
import type { TestHomeserver } from '../homeserver/test-homeserver.ts';
import type { InjectedFault } from '../proxy/fault.ts';
import type { FaultProxy } from '../proxy/fault-proxy.ts';
import { startFaultProxy } from '../proxy/start.ts';
import type { BotAccount } from './bot.ts';
import { logIn, TestUser } from './test-user.ts';
import type { AuthPath } from './plan.ts';

/** A homeserver with a fault proxy in front of it, a bot's account, and a user in a room with the bot. */
export interface TestEnvironment extends AsyncDisposable {
  readonly homeserver: TestHomeserver;
  readonly proxy: FaultProxy;
  /** What was injected. */
  readonly faults: InjectedFault[];
  readonly account: BotAccount;
  readonly user: TestUser;
  readonly roomId: string;
}

const BOT = 'bot';
const USER = 'user';
const DEVICE = 'BOTDEVICE';

export async function startEnvironment({
  homeserver: options = {},
}: Pick<AuthPath, 'homeserver'>): Promise<TestEnvironment> {
  const passwords = { bot: newPassword(), user: newPassword() };
  const homeserver = await startTestHomeserver({
    ...options,
    users: [
      { localpart: BOT, password: passwords.bot },
      { localpart: USER, password: passwords.user },
    ],
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  const userId = (localpart: string) => `@${localpart}:${homeserver.serverName}`;
  const userTokens = await logIn(homeserver.url, USER, passwords.user);
  const user = new TestUser(homeserver.url, userId(USER), userTokens.accessToken);
  const roomId = await user.createRoom();
  const tokens = await logIn(homeserver.url, BOT, passwords.bot, DEVICE);
  await new TestUser(homeserver.url, userId(BOT), tokens.accessToken).join(roomId);
  await user.listen(0);

  const given = {
    homeserverUrl: proxy.url,
    username: BOT,
    password: passwords.bot,
    deviceId: DEVICE,
    ...tokens,
  };
  const env: Record<string, string> = {
    HOMESERVER_URL: given.homeserverUrl,
    MATRIX_USERNAME: given.username,
    MATRIX_PASSWORD: given.password,
    MATRIX_DEVICE_ID: given.deviceId,
    ACCESS_TOKEN: tokens.accessToken,
    ...(tokens.refreshToken === undefined ? {} : { MATRIX_REFRESH_TOKEN: tokens.refreshToken }),
  };
  return {
    homeserver,
    proxy,
    faults: [],
    user,
    roomId,
    account: { ...given, userId: userId(BOT), env },
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await homeserver.stop();
    },
  };
}

function newPassword(): string {
  return randomBytes(12).toString('base64url');
}

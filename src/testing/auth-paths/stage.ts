import { randomBytes } from 'node:crypto';
import { startTestHomeserver } from '../homeserver/start.ts';
import type { TestHomeserver } from '../homeserver/test-homeserver.ts';
import type { InjectedFault } from '../proxy/fault.ts';
import type { FaultProxy } from '../proxy/fault-proxy.ts';
import { startFaultProxy } from '../proxy/start.ts';
import type { BotAccount } from './bot.ts';
import { logIn, Person } from './person.ts';
import type { AuthPath } from './plan.ts';

/** A homeserver with a fault proxy in front of it, a bot's account, and a person in a room with the bot. */
export interface Stage extends AsyncDisposable {
  readonly homeserver: TestHomeserver;
  readonly proxy: FaultProxy;
  /** What was injected. */
  readonly faults: InjectedFault[];
  readonly account: BotAccount;
  readonly person: Person;
  readonly roomId: string;
}

const BOT = 'bot';
const PERSON = 'person';
const DEVICE = 'BOTDEVICE';

export async function setStage({ homeserver: options = {} }: Pick<AuthPath, 'homeserver'>): Promise<Stage> {
  const passwords = { bot: newPassword(), person: newPassword() };
  const homeserver = await startTestHomeserver({
    ...options,
    users: [
      { localpart: BOT, password: passwords.bot },
      { localpart: PERSON, password: passwords.person },
    ],
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  const userId = (localpart: string) => `@${localpart}:${homeserver.serverName}`;
  const personal = await logIn(homeserver.url, PERSON, passwords.person);
  const person = new Person(homeserver.url, userId(PERSON), personal.accessToken);
  const roomId = await person.createRoom();
  const tokens = await logIn(homeserver.url, BOT, passwords.bot, DEVICE);
  await new Person(homeserver.url, userId(BOT), tokens.accessToken).join(roomId);
  await person.listen(0);

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
    person,
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

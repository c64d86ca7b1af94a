import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { oauth } from '../../src/adapters/sign-in/oauth/index.ts';
import type { AuthorizationRequest, MatrixAuthOptions } from '../../src/index.ts';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.ts';
import { type Bot, makeBot } from '../support/bot.ts';
import type { OAuthHomeserver } from '../support/oauth-homeserver.ts';
import { Person } from '../support/rest.ts';

/** A homeserver with OAuth 2.0 for the tests of one suite, a fault proxy before it, and who lives on it. */
export function oauthStage(start: () => Promise<OAuthHomeserver>) {
  let homeserver: OAuthHomeserver;
  let proxy: FaultProxy;
  beforeAll(async () => {
    homeserver = await start();
    proxy = await startFaultProxy({ target: homeserver.url });
  });
  afterAll(async () => {
    await proxy.stop();
    await homeserver.stop();
  });

  async function stage() {
    proxy.clear();
    const name = () => `user-${randomBytes(6).toString('hex')}`;
    const [user, friend] = [await homeserver.createUser(name()), await homeserver.createUser(name())];
    const alice = Person.of(homeserver.url, friend.userId, friend.accessToken);
    return { userId: user.userId, alice };
  }

  /** A bot, and what it asked of a person. */
  function botWith(options: Partial<MatrixAuthOptions> = {}) {
    const bot = makeBot({
      homeserver: proxy.url,
      credentials: oauth(),
      schedule: { backoffMinMs: 50, backoffMaxMs: 500 },
      ...(options as object),
    });
    const asked: AuthorizationRequest[] = [];
    const waiting: ((request: AuthorizationRequest) => void)[] = [];
    bot.auth.on('authorization', (request) => {
      asked.push(request);
      waiting.shift()?.(request);
    });
    /** The sign-in that was asked for after `count` others. */
    const request = async (count = 0) =>
      asked[count] ?? (await new Promise<AuthorizationRequest>((resolve) => waiting.push(resolve)));
    return { bot, asked, request };
  }

  async function signedIn(options: Partial<MatrixAuthOptions> = {}) {
    const { userId, alice } = await stage();
    const { bot, asked, request } = botWith(options);
    const started = bot.auth.start();
    await bot.reaches('refreshing.required.authorizing', 0);
    await homeserver.approve(userId, await request());
    const client = await started;
    const roomId = await alice.createRoom([userId]);
    await client.joinRoom(roomId);
    return { bot, asked, request, userId, alice, roomId, deviceId: client.getDeviceId() ?? '' };
  }

  return { homeserver: () => homeserver, proxy: () => proxy, stage, botWith, signedIn };
}

/** Says things until the bot has lived through so many tokens. */
export async function talk(bot: Bot, alice: Person, roomId: string, count: number): Promise<string[]> {
  const said: string[] = [];
  const first = bot.auth.snapshot().generation ?? 0;
  while ((bot.auth.snapshot().generation ?? 0) < first + count) {
    said.push(`message ${said.length}`);
    await alice.say(roomId, said.at(-1) as string);
    await bot.auth.run((client) => client.sendTextMessage(roomId, `answer ${said.length}`));
    await bot.handles(said.length);
  }
  return said;
}

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { oauth } from '../../src/adapters/sign-in/oauth/index.ts';
import type { AuthorizationRequest, MatrixAuthOptions } from '../../src/index.ts';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.ts';
import { type Bot, makeBot } from '../support/bot.ts';
import { type OAuthHomeserver, type StartOAuthHomeserver } from '../support/oauth-homeserver.ts';
import { Person } from '../support/rest.ts';

export interface OAuthSuite {
  readonly start: StartOAuthHomeserver;
  /** How long tokens live. */
  readonly lifetimeMs: number;
  /** How many of them a bot talks through. */
  readonly lifetimes: number;
}

/** How a bot lives on a homeserver with OAuth 2.0, whichever it is. */
export function oauthSuite({ start, lifetimeMs, lifetimes }: OAuthSuite): void {
  let homeserver: OAuthHomeserver;
  let proxy: FaultProxy;
  beforeAll(async () => {
    homeserver = await start({ accessTokenLifetimeMs: lifetimeMs });
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

  /** Says things until the bot has lived through so many tokens. */
  async function talk(bot: Bot, alice: Person, roomId: string, count: number): Promise<string[]> {
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

  it('lives through lifetimes of tokens with nothing lost, on one device, and asks once', async () => {
    const { bot, asked, alice, roomId, userId, deviceId } = await signedIn();
    const said = await talk(bot, alice, roomId, lifetimes);
    expect(bot.handled.map(({ text }) => text)).toEqual(said);
    expect(bot.sdkErrors).toEqual([]);
    expect(bot.clients).toBe(1);
    expect(asked).toHaveLength(1);
    expect(await homeserver.devices(userId)).toEqual([deviceId]);
    // The API of before has no part in it.
    expect(proxy.count({ path: '/v3/refresh' }) + proxy.count({ path: '/v3/login' })).toBe(0);
  });

  it('ended by its owner, it lives and waits for a person, and goes on without a restart', async () => {
    const { bot, request, alice, roomId, userId, deviceId } = await signedIn();
    await alice.say(roomId, 'before');
    await bot.handles(1);
    const from = bot.states.length;
    await homeserver.endSession(userId, deviceId);
    await bot.reaches('refreshing.required.authorizing', from);
    await alice.say(roomId, 'meanwhile');
    const held = bot.auth.run((client) => client.sendTextMessage(roomId, 'late'));
    await homeserver.approve(userId, await request(1));
    await bot.reaches('valid', from);
    await held;
    await alice.say(roomId, 'after');
    await bot.handles(3);
    expect(bot.handled.map(({ text }) => text)).toEqual(['before', 'meanwhile', 'after']);
    expect(bot.auth.snapshot()).toMatchObject({ userId, deviceId });
    expect(bot.sdkErrors).toEqual([]);
  });

  it('approved in a browser on this computer, with PKCE, it is the same', async () => {
    const { bot, asked, alice, roomId } = await signedIn({ credentials: oauth({ grant: 'browser' }) });
    expect(asked).toEqual([
      expect.objectContaining({ link: expect.stringContaining('challenge_method=S256') }),
    ]);
    const said = await talk(bot, alice, roomId, 1);
    expect(bot.handled.map(({ text }) => text)).toEqual(said);
  });

  it('denied, it says so and lives; asked again it can be approved', async () => {
    const { userId } = await stage();
    const { bot, request } = botWith();
    const started = bot.auth.start();
    await homeserver.deny(await request());
    await expect(started).rejects.toMatchObject({
      reason: 'login-refused',
      advice: expect.stringContaining('denied'),
    });
    const again = bot.auth.start();
    await homeserver.approve(userId, await request(1));
    await again;
    expect(bot.auth.snapshot().userId).toBe(userId);
  });

  it('a stored session goes on in a bot whose author said nothing of OAuth 2.0', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-oauth-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const open = () => {
      const sessions = sqliteSessions(join(folder, 'bot.db'), { watchMs: 50 });
      onTestFinished(() => sessions.close());
      return { sessions };
    };
    const { bot, alice, roomId, userId, deviceId } = await signedIn(open());
    await bot.auth.stop();
    const { bot: second, asked } = botWith({ ...open(), credentials: {} });
    await second.auth.start();
    await talk(second, alice, roomId, 2);
    expect(asked).toEqual([]);

    const from = second.states.length;
    await homeserver.endSession(userId, deviceId);
    const failure = await second.reaches('failed', from);
    expect(failure.reason).toBe('session-ended');
    expect(failure.advice).toContain('npx matrix-auth-machine login');
    // Somebody signs in for it, in another process.
    const { bot: login, request } = botWith(open());
    const started = login.auth.start();
    await homeserver.approve(userId, await request());
    await started;
    await login.auth.stop();
    await second.reaches('valid', from);
    const heard = second.handled.length;
    await alice.say(roomId, 'welcome back');
    await second.handles(heard + 1);
    expect(second.auth.snapshot()).toMatchObject({ userId, deviceId });
  });

  it('a logout ends the session at the authorization server', async () => {
    const { bot, userId } = await signedIn();
    await bot.auth.logout();
    expect(await homeserver.devices(userId)).toEqual([]);
    expect(proxy.count({ path: '/v3/logout' })).toBe(0);
  });
}

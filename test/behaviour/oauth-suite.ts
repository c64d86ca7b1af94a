import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { oauth } from '../../src/adapters/sign-in/oauth/index.ts';
import type { StartOAuthHomeserver } from '../support/oauth-homeserver.ts';
import { oauthStage, talk } from './oauth-stage.ts';

export interface OAuthSuite {
  readonly start: StartOAuthHomeserver;
  /** How long tokens live. */
  readonly lifetimeMs: number;
  /** How many of them a bot talks through. */
  readonly lifetimes: number;
}

/** How a bot lives on a homeserver with OAuth 2.0, whichever it is. */
export function oauthSuite({ start, lifetimeMs, lifetimes }: OAuthSuite): void {
  const { homeserver, proxy, stage, botWith, signedIn } = oauthStage(() =>
    start({ accessTokenLifetimeMs: lifetimeMs }),
  );

  it('lives through lifetimes of tokens with nothing lost, on one device, and asks once', async () => {
    const { bot, asked, alice, roomId, userId, deviceId } = await signedIn();
    const said = await talk(bot, alice, roomId, lifetimes);
    expect(bot.handled.map(({ text }) => text)).toEqual(said);
    expect(bot.sdkErrors).toEqual([]);
    expect(bot.clients).toBe(1);
    expect(asked).toHaveLength(1);
    expect(await homeserver().devices(userId)).toEqual([deviceId]);
    // The API of before has no part in it.
    expect(proxy().count({ path: '/v3/refresh' }) + proxy().count({ path: '/v3/login' })).toBe(0);
  });

  it('ended by its owner, it lives and waits for a person, and goes on without a restart', async () => {
    const { bot, request, alice, roomId, userId, deviceId } = await signedIn();
    await alice.say(roomId, 'before');
    await bot.handles(1);
    const from = bot.states.length;
    await homeserver().endSession(userId, deviceId);
    await bot.reaches('refreshing.required.authorizing', from);
    await alice.say(roomId, 'meanwhile');
    const held = bot.auth.run((client) => client.sendTextMessage(roomId, 'late'));
    await homeserver().approve(userId, await request(1));
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
    // It may be told before the person's browser is closed.
    const denied = request().then((asked) => homeserver().deny(asked));
    await expect(started).rejects.toMatchObject({
      reason: 'login-refused',
      advice: expect.stringContaining('denied'),
    });
    await denied;
    const again = bot.auth.start();
    await homeserver().approve(userId, await request(1));
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
    await homeserver().endSession(userId, deviceId);
    const failure = await second.reaches('failed', from);
    expect(failure.reason).toBe('session-ended');
    expect(failure.advice).toContain('npx matrix-auth-machine login');
    // Somebody signs in for it, in another process.
    const { bot: login, request } = botWith(open());
    const started = login.auth.start();
    await homeserver().approve(userId, await request());
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
    expect(await homeserver().devices(userId)).toEqual([]);
    expect(proxy().count({ path: '/v3/logout' })).toBe(0);
  });
}

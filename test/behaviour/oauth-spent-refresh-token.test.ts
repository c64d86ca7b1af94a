import { expect, it } from 'vitest';
import { describeWithOAuthSynapse } from '../oauth/describe.ts';
import { oauthStage } from './oauth-stage.ts';

const LIFETIME_MS = 3_000;
const TOKEN = { path: '/oauth2/token' };

describeWithOAuthSynapse('a bot whose refresh got no answer', { timeout: 240_000 }, (start) => {
  const { homeserver, proxy, signedIn } = oauthStage(() =>
    start({ accessTokenLifetimeMs: LIFETIME_MS, spentRefreshTokens: 'refused' }),
  );

  it('is signed out where a refresh token is good once; it says so, lives, and goes on once a person has approved', async () => {
    const { bot, asked, request, alice, roomId, userId, deviceId } = await signedIn();
    await alice.say(roomId, 'before');
    await bot.handles(1);
    const from = bot.states.length;
    proxy().inject({ match: TOKEN, fault: { kind: 'lose-response' } });
    await bot.reaches('refreshing.required.authorizing', from);
    expect(await homeserver().devices(userId)).toEqual([]);
    await alice.say(roomId, 'meanwhile');
    await homeserver().approve(userId, await request(1));
    await bot.reaches('valid', from);
    await bot.handles(2);
    expect(bot.handled.map(({ text }) => text)).toEqual(['before', 'meanwhile']);
    expect(bot.auth.snapshot()).toMatchObject({ userId, deviceId });
    expect(asked).toHaveLength(2);
    expect(bot.states.map(({ state }) => state)).not.toContain('failed');
  });
});

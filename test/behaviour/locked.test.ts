import { expect, it } from 'vitest';
import { credentials } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';
import { lengthened } from '../support/slowness.ts';

const lifetimeMs = lengthened(2_000);

const PROBE_MS = 400;

describeOnBoth('the account is locked', { accessTokenLifetimeMs: lifetimeMs }, ({ homeserver, proxy }) => {
  it('keeps everything, logs in nowhere, and comes back by itself after the unlock', async () => {
    const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
    const alice = await Person.signIn(homeserver().url, aliceUser);
    const roomId = await alice.createRoom([user.userId]);
    const bot = makeBot({
      homeserver: proxy().url,
      credentials: credentials({ username: user.localpart, password: user.password }),
      schedule: { lockProbeMs: PROBE_MS },
    });
    const client = await bot.auth.start();
    await client.joinRoom(roomId);
    let announced = 0;
    bot.auth.on('locked', () => {
      announced += 1;
    });

    await homeserver().setLocked(user.userId, true);
    const answer = bot.auth.fetch(`${proxy().url}/_matrix/client/v3/joined_rooms`);
    await bot.reaches('locked');
    await alice.say(roomId, 'said while it was locked');
    // Longer than the token lives: it has to be renewed while the account is locked.
    await proxy().waitFor({ path: '/account/whoami' }, { count: 7 });
    expect(bot.auth.snapshot().state).not.toBe('failed');
    const probes = proxy()
      .requests.filter(({ path }) => path.endsWith('/account/whoami'))
      .slice(1);
    const pauses = probes.slice(1).map(({ at }, index) => at - (probes[index]?.at ?? 0));
    // The salt takes up to half of a pause away.
    expect(Math.max(...pauses)).toBeGreaterThanOrEqual(PROBE_MS / 2 - 20);

    const before = proxy().count({ path: '/account/whoami' });
    await homeserver().setLocked(user.userId, false);
    await bot.reaches('valid');
    expect((await answer).status).toBe(200);
    await bot.handles(1);
    expect(proxy().count({ path: '/account/whoami' }) - before).toBeLessThanOrEqual(2);
    expect(proxy().count({ path: '/login' })).toBe(1);
    expect(await homeserver().devices(user.userId)).toEqual([client.getDeviceId()]);
    expect(bot.handled.map(({ text }) => text)).toEqual(['said while it was locked']);
    expect(announced).toBeGreaterThanOrEqual(1);
    expect(bot.sdkErrors).toEqual([]);
  });
});

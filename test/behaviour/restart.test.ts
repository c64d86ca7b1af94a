import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { credentials } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';

describeOnBoth('a bot whose session is stored', { accessTokenLifetimeMs: 5_000 }, ({ homeserver, proxy }) => {
  async function stage() {
    const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
    const alice = await Person.signIn(homeserver().url, aliceUser);
    const roomId = await alice.createRoom([user.userId]);
    const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const options = () => {
      const sessions = sqliteSessions(join(directory, 'bot.db'));
      onTestFinished(() => sessions.close());
      return {
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
        sessions,
      };
    };
    return { alice, roomId, options, user };
  }

  it('is restarted: it signs in without a login, and what was said meanwhile is delivered once', async () => {
    const { alice, roomId, options } = await stage();
    const before = makeBot(options());
    await (await before.auth.start()).joinRoom(roomId);
    await alice.say(roomId, 'before');
    await before.handles(1);
    await before.auth.stop();
    const said = Array.from({ length: 30 }, (_, index) => `meanwhile ${index}`);
    for (const text of said) await alice.say(roomId, text);
    const after = makeBot(options());
    const client = await after.auth.start();
    await after.handles(said.length);
    await alice.say(roomId, 'after');
    await after.handles(said.length + 1);
    expect(after.handled.map(({ text }) => text)).toEqual([...said, 'after']);
    expect(client.getRoom(roomId)?.getMyMembership()).toBe('join');
    expect(proxy().count({ path: '/login' })).toBe(1);
  });

  it('of two processes one syncs; the other works too, and takes over without a loss', async () => {
    const { alice, roomId, options } = await stage();
    const leading = { leader: true, leaseMs: 300 };
    const first = makeBot({ ...options(), ...leading });
    await (await first.auth.start()).joinRoom(roomId);
    const second = makeBot({ ...options(), ...leading });
    await second.auth.start();
    await alice.say(roomId, 'one');
    await first.handles(1);
    await second.auth.run((client) => client.sendTextMessage(roomId, 'the other works, too'));
    expect(second.clients).toBe(0);

    const took = new Promise<void>((resolve) => {
      second.auth.on('leader', ({ leading }) => leading && resolve());
    });
    await first.auth.stop();
    await alice.say(roomId, 'two');
    await took;
    await alice.say(roomId, 'three');
    await second.handles(2);
    expect(first.handled.map(({ text }) => text)).toEqual(['one']);
    expect(second.handled.map(({ text }) => text)).toEqual(['two', 'three']);
    expect(proxy().count({ path: '/login' })).toBe(1);
  });
});

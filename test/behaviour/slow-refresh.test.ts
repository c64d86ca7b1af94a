import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { credentials, memorySessions } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';

const MESSAGES = 20;

describeOnBoth(
  'a refresh ahead of time that the homeserver does not answer',
  { accessTokenLifetimeMs: 120_000 },
  ({ homeserver, proxy }) => {
    it.each(['memory', 'SQLite'])('holds up no message: %s', async (store) => {
      const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const roomId = await alice.createRoom([user.userId]);
      const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-'));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));
      const shared = memorySessions();
      const bot = () => {
        const sessions = store === 'memory' ? shared : sqliteSessions(join(directory, 'bot.db'));
        onTestFinished(() => sessions.close());
        return makeBot({
          homeserver: proxy().url,
          credentials: credentials({ username: user.localpart, password: user.password }),
          sessions,
        });
      };
      // Each stands for a process.
      const [renewing, other] = [bot(), bot()];
      await (await renewing.auth.start()).joinRoom(roomId);
      await other.auth.start();

      const slow = proxy().inject({ match: { path: '/refresh' }, fault: { kind: 'hang' } });
      const refreshed = renewing.auth.refresh().catch(() => undefined);
      await slow.hit;
      for (let count = 1; count <= MESSAGES; count += 1) {
        await alice.say(roomId, `message ${count}`);
        // Were one of them to wait for the refresh, there would be no next one.
        await Promise.all([renewing.handles(count), other.handles(count)]);
      }
      expect(proxy().requests.filter(({ path }) => path.endsWith('/refresh'))).toEqual([
        expect.objectContaining({ fault: 'hang' }),
      ]);
      expect(renewing.auth.snapshot().detail).toContain('refreshing');

      proxy().clear();
      await refreshed;
      await renewing.reaches('valid');
      const said = Array.from({ length: MESSAGES }, (_, index) => `message ${index + 1}`);
      expect(renewing.handled.map(({ text }) => text)).toEqual(said);
      expect(other.handled.map(({ text }) => text)).toEqual(said);
    });
  },
);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { programAt } from '../support/programs.ts';
import { Person } from '../support/rest.ts';
import { textsIn } from '../support/room-texts.ts';

const BOT = programAt(new URL('../support/sending-bot.ts', import.meta.url));
const OUTAGE_MS = 5_000;
/** A slow machine is no failure. */
const patient = { timeout: 60_000, interval: 100 };

const isSend = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'PUT' && path.includes('/send/');

describeOnBoth(
  'messages sent while the homeserver is down',
  { accessTokenLifetimeMs: 3_000, testTimeoutMs: 180_000 },
  ({ homeserver, proxy }) => {
    it('by a bot that is killed meanwhile: each is in the room once and in order, and each is reported', async () => {
      const user = await freshUser(homeserver());
      const aliceUser = await freshUser(homeserver());
      const bob = await Person.signIn(homeserver().url, user, { deviceId: 'SETUP' });
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const roomId = await alice.createRoom();
      await bob.join(roomId);
      const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-outage-'));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));
      const [store, ledger] = [join(directory, 'bot.db'), join(directory, 'ledger')];
      const start = () => {
        const child = spawn(process.execPath, ['--no-deprecation', BOT, store, ledger, roomId], {
          stdio: ['pipe', 'ignore', 'inherit'],
          env: {
            ...process.env,
            HOMESERVER_URL: proxy().url,
            MATRIX_USERNAME: user.localpart,
            MATRIX_PASSWORD: user.password,
          },
        });
        onTestFinished(() => void child.kill('SIGKILL'));
        const say = (texts: readonly string[]) => child.stdin?.write(`${texts.join('\n')}\n`);
        return { child, say, ended: once(child, 'exit') };
      };
      const reported = async () =>
        (await readFile(ledger, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      const sessions = sqliteSessions(store);
      onTestFinished(() => sessions.close());
      const waiting = async () => (await sessions.read('default', 'outbox'))?.messages.length;

      const first = start();
      first.say(['before']);
      await expect.poll(reported, patient).toHaveLength(1);
      // The homeserver has this one, and the bot does not know.
      const lost = proxy().inject({
        match: isSend,
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'lose-response' },
      });
      first.say(['unanswered']);
      await lost.hit;
      await proxy().away();
      lost.remove();
      const back = new Promise((resolve) => setTimeout(resolve, OUTAGE_MS)).then(() => proxy().back());
      const down = Array.from({ length: 20 }, (_, index) => `down ${index}`);
      first.say(down);
      await expect.poll(waiting, patient).toBe(21);
      const killed = Array.from({ length: 20 }, (_, index) => `killed ${index}`);
      first.say(killed);
      await expect.poll(waiting, patient).toBe(41);
      first.child.kill('SIGKILL');
      await first.ended;
      const second = start();
      await back;
      second.say(['after']);

      const all = ['before', 'unanswered', ...down, ...killed, 'after'];
      await expect.poll(reported, patient).toHaveLength(all.length);
      expect((await reported()).map((line) => JSON.parse(line) as unknown)).toEqual(
        all.map((id) => ({ id, outcome: 'delivered' })),
      );
      const reader = await Person.signIn(homeserver().url, aliceUser);
      expect(await textsIn(homeserver().url, roomId, reader, user.userId)).toEqual(all);
      second.child.stdin?.end();
      expect(await second.ended).toEqual([0, null]);
      expect(await waiting()).toBe(0);
    });
  },
);

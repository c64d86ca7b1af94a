import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { rounds } from '../support/long.ts';
import { signInElsewhere } from '../support/other-device.ts';
import { programAt } from '../support/programs.ts';
import { Person } from '../support/rest.ts';
import { textsIn } from '../support/room-texts.ts';
import { lengthened } from '../support/slowness.ts';
import { talk } from '../support/talk.ts';

const BOT = programAt(new URL('../support/handling-bot.ts', import.meta.url));
const MESSAGES = rounds({ short: 90, long: 1_000 });
const LIFETIMES = rounds({ short: 2, long: 20 });
/** After so many more messages it is killed, or signed in elsewhere: in turn. */
const TROUBLE_EACH = rounds({ short: 25, long: 125 });
const ROOMS = 2;
/** A slow machine is no failure. */
const PATIENCE_MS = 100_000;

interface Entry {
  readonly text: string;
  readonly repeated: boolean;
}

describeOnBoth(
  'a bot that is killed while it handles messages',
  { accessTokenLifetimeMs: lengthened(2_000), testTimeoutMs: 240_000 },
  ({ homeserver, proxy }) => {
    it.each(['matrix-js-sdk', 'matrix-bot-sdk'])(
      'on %s: handles each, in order, and twice only what is told to be repeated; answers each once',
      async (sdk) => {
        const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
        const bob = await Person.signIn(homeserver().url, user, { deviceId: 'SETUP' });
        const alice = await Person.signIn(homeserver().url, aliceUser);
        const rooms: string[] = [];
        while (rooms.length < ROOMS) rooms.push(await alice.createRoom());
        for (const room of rooms) await bob.join(room);
        const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-killed-'));
        onTestFinished(() => rm(directory, { recursive: true, force: true }));
        const [store, ledger] = [join(directory, 'bot.db'), join(directory, 'ledger')];
        const entries = async (): Promise<Entry[]> =>
          (await readFile(ledger, 'utf8').catch(() => ''))
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Entry);
        const start = () => {
          const child = spawn(process.execPath, ['--no-deprecation', BOT, sdk, store, ledger], {
            stdio: ['pipe', 'ignore', 'inherit'],
            env: {
              ...process.env,
              HOMESERVER_URL: proxy().url,
              MATRIX_USERNAME: user.localpart,
              MATRIX_PASSWORD: user.password,
            },
          });
          onTestFinished(() => void child.kill('SIGKILL'));
          return { child, ended: once(child, 'exit') };
        };

        let bot = start();
        await proxy().waitFor(({ path, query }) => path.endsWith('/sync') && query['timeout'] === '30000', {
          timeoutMs: PATIENCE_MS,
          phase: 'start',
        });
        const sessions = sqliteSessions(store);
        onTestFinished(() => sessions.close());
        const handled = async () => new Set((await entries()).map(({ text }) => text));
        const handles = (count: number) =>
          vi.waitFor(async () => expect((await handled()).size).toBeGreaterThanOrEqual(count), PATIENCE_MS);
        let generation = 0;
        const talking = talk(alice, rooms, MESSAGES, () => generation < LIFETIMES);
        let said: Awaited<typeof talking> | undefined;
        for (let round = 1; said === undefined; round += 1) {
          said = await Promise.race([talking, handles(round * TROUBLE_EACH).then(() => undefined)]);
          if (round % 2 === 1) {
            bot.child.kill('SIGKILL');
            await bot.ended;
            bot = start();
          } else await signInElsewhere(homeserver().url, user, sessions, `DEVICE${round % 4}`);
          generation = (await sessions.read('default', 'session'))?.session?.generation ?? 0;
        }
        await handles([...said.values()].flat().length);
        const answersIn = (room: string) => textsIn(homeserver().url, room, alice, user.userId);
        const answersTo = (texts: readonly string[]) => texts.map((text) => `re: ${text}`);
        for (const [room, inRoom] of said) {
          const last = answersTo(inRoom).at(-1);
          await vi.waitFor(async () => expect(await answersIn(room)).toContain(last), PATIENCE_MS);
        }
        bot.child.stdin?.end();
        expect(await bot.ended).toEqual([0, null]);

        const seen = new Set<string>();
        const unflagged = (await entries()).filter(({ text, repeated }) => {
          const again = seen.has(text);
          seen.add(text);
          return again && !repeated;
        });
        expect(unflagged).toEqual([]);
        for (const [room, inRoom] of said) {
          expect([...seen].filter((text) => inRoom.includes(text))).toEqual(inRoom);
          expect(await answersIn(room)).toEqual(answersTo(inRoom));
        }

        // After an end of its own nothing is repeated.
        const before = (await entries()).length;
        await alice.say(rooms[0] as string, 'the last');
        start();
        await vi.waitFor(async () => expect(await handled()).toContain('the last'), PATIENCE_MS);
        expect((await entries()).slice(before)).toEqual([{ text: 'the last', repeated: false }]);
      },
    );
  },
);

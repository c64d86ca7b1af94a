import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { Person } from '../support/rest.ts';
import { textsIn } from '../support/room-texts.ts';

const BOT = fileURLToPath(new URL('../support/handling-bot.ts', import.meta.url));
const MESSAGES = 90;
/** It is killed when it has handled so many. */
const KILLS = [20, 50];

interface Entry {
  readonly text: string;
  readonly repeated: boolean;
}

describeOnBoth(
  'a bot that is killed while it handles messages',
  { accessTokenLifetimeMs: 2_000, testTimeoutMs: 120_000 },
  ({ homeserver, proxy }) => {
    it.each(['matrix-js-sdk', 'matrix-bot-sdk'])(
      'on %s: handles each, in order, and twice only what is told to be repeated; answers each once',
      async (sdk) => {
        const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
        const bob = await Person.signIn(homeserver().url, user, { deviceId: 'SETUP' });
        const alice = await Person.signIn(homeserver().url, aliceUser);
        const roomId = await alice.createRoom();
        await bob.join(roomId);
        const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-killed-'));
        onTestFinished(() => rm(directory, { recursive: true, force: true }));
        const ledger = join(directory, 'ledger');
        const entries = async (): Promise<Entry[]> =>
          (await readFile(ledger, 'utf8').catch(() => ''))
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Entry);
        const start = () => {
          const child = spawn(
            process.execPath,
            ['--no-deprecation', BOT, sdk, join(directory, 'bot.db'), ledger],
            {
              stdio: ['pipe', 'ignore', 'inherit'],
              env: {
                ...process.env,
                HOMESERVER_URL: proxy().url,
                MATRIX_USERNAME: user.localpart,
                MATRIX_PASSWORD: user.password,
              },
            },
          );
          onTestFinished(() => void child.kill('SIGKILL'));
          return { child, ended: once(child, 'exit') };
        };

        let bot = start();
        await proxy().waitFor(({ path, query }) => path.endsWith('/sync') && query['timeout'] === '30000', {
          timeoutMs: 50_000,
          phase: 'start',
        });
        const said: string[] = [];
        const talk = (async () => {
          while (said.length < MESSAGES) {
            said.push(`message ${said.length}`);
            await alice.say(roomId, said.at(-1) as string);
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        })();
        const texts = async () => new Set((await entries()).map(({ text }) => text));
        for (const count of KILLS) {
          await vi.waitFor(async () => expect((await texts()).size).toBeGreaterThanOrEqual(count), 50_000);
          bot.child.kill('SIGKILL');
          await bot.ended;
          bot = start();
        }
        await talk;
        await vi.waitFor(async () => expect((await texts()).size).toBe(MESSAGES), 50_000);
        const answers = () => textsIn(homeserver().url, roomId, alice, user.userId);
        await vi.waitFor(async () => expect(await answers()).toContain(`re: ${said.at(-1)}`), 50_000);
        bot.child.stdin?.end();
        expect(await bot.ended).toEqual([0, null]);

        const seen = new Set<string>();
        const unflagged = (await entries()).filter(({ text, repeated }) => {
          const again = seen.has(text);
          seen.add(text);
          return again && !repeated;
        });
        expect([...seen]).toEqual(said);
        expect(unflagged).toEqual([]);
        expect(await answers()).toEqual(said.map((text) => `re: ${text}`));

        // After an end of its own nothing is repeated.
        const handled = (await entries()).length;
        await alice.say(roomId, 'the last');
        start();
        await vi.waitFor(async () => expect(await texts()).toContain('the last'), 50_000);
        expect((await entries()).slice(handled)).toEqual([{ text: 'the last', repeated: false }]);
      },
    );
  },
);

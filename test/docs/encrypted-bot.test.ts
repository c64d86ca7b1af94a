import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { root } from '../../tools/root.ts';
import { describeOnSynapse, freshUser } from '../support/both.ts';
import { EncryptedPerson } from '../support/encrypted-person.ts';
import { rounds } from '../support/long.ts';
import { projectWithPackage } from '../support/packed-package.ts';
import { lengthened } from '../support/slowness.ts';
import { ours, runBot } from './running-bot.ts';

const PATIENCE = { timeout: 100_000, interval: 20 };
const KILLS = rounds({ short: 1, long: 10 });
const PER_LIFE = 8;

let project: string;

beforeAll(async () => {
  const beside = ['xstate', 'matrix-js-sdk', 'fake-indexeddb'];
  project = await projectWithPackage([...Object.keys(packageJson.dependencies), ...beside]);
}, 240_000);

afterAll(() => rm(project, { recursive: true, force: true }));

describeOnSynapse(
  'the bot of docs/encrypted-rooms.md',
  { accessTokenLifetimeMs: lengthened(2_000), testTimeoutMs: 240_000 },
  ({ homeserver }) => {
    it('is killed in the midst of a burst, again and again: it reads all of it, and answers each once', async () => {
      const page = await readFile(join(root, 'docs/encrypted-rooms.md'), 'utf8');
      const [, code = ''] = /<!-- example:encrypted -->\n```js\n(.*?)```/s.exec(page) ?? [];
      await writeFile(join(project, 'bot.mjs'), code);
      const user = await freshUser(homeserver());
      const { ACCESS_TOKEN: _, ...inherited } = process.env;
      const start = () =>
        runBot({
          file: process.execPath,
          args: ['--no-deprecation', 'bot.mjs'],
          cwd: project,
          env: {
            ...inherited,
            HOMESERVER_URL: homeserver().url,
            MATRIX_USERNAME: user.localpart,
            MATRIX_PASSWORD: user.password,
          },
        });
      const alice = await EncryptedPerson.signIn(
        homeserver().url,
        await freshUser(homeserver()),
        onTestFinished,
      );
      let bot = start();
      await bot.says(/signed in as/);
      const roomId = await alice.createRoom([user.userId]);
      await alice.sees(user.userId, roomId);
      const keys = await alice.keysOf(user.userId);
      const said: string[] = [];
      const say = async () => {
        said.push(`message ${said.length}`);
        await alice.say(roomId, said.at(-1) as string);
      };
      for (let kill = 0; kill < KILLS; kill += 1) {
        const before = alice.heard.length;
        for (let count = 0; count < PER_LIFE; count += 1) await say();
        await vi.waitUntil(() => alice.heard.length > before, PATIENCE);
        bot.child.kill('SIGKILL');
        await bot.ended;
        await say();
        bot = start();
      }
      await say();
      await vi.waitUntil(() => alice.heard.length >= said.length, PATIENCE);
      bot.child.kill('SIGTERM');
      expect(await bot.ended).toEqual([0, null]);
      expect(alice.heard).toEqual(said.map((text) => `You said: ${text}`));
      expect(await alice.keysOf(user.userId)).toEqual(keys);
      expect(bot.printed.stderr).not.toMatch(ours);
    });
  },
);

import { expect, test } from 'vitest';
import {
  type AuthPath,
  AuthPathError,
  assertAuthPath,
  type BotUnderTest,
  describeAuthPaths,
  runAuthPath,
  spawnBot,
} from '../../../src/testing/index.ts';
import { likeMatrixBotSdk } from '../../bots/like-matrix-bot-sdk.ts';

const path: AuthPath = {
  id: 'quiet',
  name: 'nothing happens',
  steps: [{ do: 'ask', when: 'after nothing' }],
  logins: 0,
  rules: ['answers everything', 'keeps running'],
};

async function messageOf<Handle>(bot: BotUnderTest<Handle>): Promise<string> {
  const [finding, ...others] = await runAuthPath(path, bot);
  expect(finding?.rule).toBe('start');
  expect(others).toEqual([]);
  return finding?.message ?? '';
}

test('a suite has one test for each path', async () => {
  const suites: string[] = [];
  const tests: [string, () => unknown][] = [];
  describeAuthPaths({
    vitest: {
      describe: (name, body) => {
        suites.push(name);
        body();
      },
      it: (name, body) => tests.push([name, body]),
    },
    paths: [path],
    start: () => undefined,
    startTimeoutMs: 50,
  });
  expect(suites).toEqual(['the bot stays signed in']);
  expect(tests.map(([name]) => name)).toEqual(['when nothing happens']);
  await expect(tests[0]?.[1]()).rejects.toThrow(AuthPathError);
});

test('without a test runner it says how to give one', () => {
  expect(() => describeAuthPaths({ start: () => undefined })).toThrow(
    /pass \{ vitest: \{ describe, it \} \}/,
  );
});

test('a bot that is well has no findings, by a message or by a probe of its own', async () => {
  expect(await runAuthPath(path, likeMatrixBotSdk)).toEqual([]);
  const rooms: string[] = [];
  const probe: NonNullable<BotUnderTest['probe']> = async ({ homeserverUrl, roomId, accessToken }) => {
    const url = `${homeserverUrl}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/joined_members`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
    rooms.push(roomId);
    if (!response.ok) throw new Error('The bot is not there.');
  };
  expect(await runAuthPath(path, { ...likeMatrixBotSdk, probe })).toEqual([]);
  expect(rooms).toHaveLength(2);
});

test('a question and an answer of the bot’s own', async () => {
  const bot = {
    ...likeMatrixBotSdk,
    question: (id: string) => `!echo ${id}`,
    isAnswer: ({ body }: { body: string }, { text }: { text: string }) => body === `You said: ${text}`,
  };
  expect(await runAuthPath(path, bot)).toEqual([]);
  const [finding] = await runAuthPath(path, { ...bot, isAnswer: () => false, patienceMs: 300 });
  expect(finding?.message).toMatch(/^it did not answer within 300 ms.*set "question".*"isAnswer" or "probe"/);
});

test('a bot that does not start, or goes elsewhere', async () => {
  const failing = () => Promise.reject(new Error(`no such token: syt_${'x'.repeat(20)}`));
  expect(await messageOf({ start: failing })).toBe('it did not start: Error: no such token: syt_***');
  const otherToken = () => Promise.reject(new Error(`no such token: mar_${'x'.repeat(20)}`));
  expect(await messageOf({ start: otherToken })).toBe('it did not start: Error: no such token: mar_***');
  expect(await messageOf({ start: () => undefined, startTimeoutMs: 50 })).toMatch(
    /^it sent no request to http:\S+ within 50 ms/,
  );
});

test('a process that ends, and a command that is not there', async () => {
  const script = 'console.error("no account for", process.env.MATRIX_USERNAME); process.exit(3)';
  const ending = spawnBot(process.execPath, ['-e', script]);
  expect(await messageOf(ending)).toBe(
    'it ended before it was ready: exit code 3; the last that it wrote to standard error:\n    no account for bot',
  );
  const missing = spawnBot('no-such-command-of-a-bot');
  expect(await messageOf(missing)).toMatch(/^it did not start: .*ENOENT/);
});

test('what is thrown tells the whole story', async () => {
  const error = await assertAuthPath(path, {
    ...likeMatrixBotSdk,
    isAnswer: () => false,
    patienceMs: 300,
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AuthPathError);
  expect((error as Error).message).toMatch(
    /^When nothing happens, the bot did this wrong:\n {2}- it did not answer[\s\S]*What was done to it:\n {2}1\. It is asked[\s\S]*What must hold:[\s\S]*Its last requests:\n {2}- 0\.00 s: GET \/sync/,
  );
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { observe } from '../../src/observe/index.ts';
import { type AuthPageOptions, serveAuthPage } from '../../src/page/index.ts';
import { type Driven, drive } from '../observe/driven.ts';
import { cli } from './cli.ts';
import { runCliProcess } from './running.ts';

type Act = (driven: Driven) => void;

/** A page with bots of these names, to each of which this happens while it is watched. */
async function serve(bots: Readonly<Record<string, Act>>, options: AuthPageOptions = {}) {
  const observers = Object.entries(bots).map(([name, act]) => {
    const driven = drive();
    const observer = observe(driven, { name });
    act(driven);
    return observer;
  });
  const page = await serveAuthPage(observers, { logger: { warn() {} }, ...options });
  onTestFinished(() => page.close());
  return page.url;
}

const signedIn: Act = (driven) => {
  driven.signIn({ fingerprint: '0000000f', generation: 7 });
  driven.held = 3;
};

const failed: Act = (driven) => driven.done('restore', { outcome: 'empty', canLogIn: false });

const starting: Act = () => undefined;

describe('status of a page', () => {
  test('a bot that is signed in: 0, in a few lines that answer every question', async () => {
    const url = await serve({ echo: signedIn });
    const { code, stdout, stderr } = await runCliProcess(['status', '--page', url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replaceAll(/\d\d:\d\d:\d\d/g, 'TIME').replaceAll(/\d+(?:\.\d)? (?:s|min)\b/g, 'N')).toMatch(
      new RegExp(
        [
          'echo \\(@bot:example\\.org\\): signed in',
          '  state     valid\\.scheduled, for N, since TIME',
          '            Signed in, and the client is live\\.',
          '  token     number 7 \\(0000000f\\), since TIME; expires in N(?: N)?, at TIME',
          '  process   \\d+ on [\\w.-]+, matrix-auth-machine \\d+\\.\\d+\\.\\d+',
          '  last      The client is live, N ago, at TIME',
          '  next      refresh in N(?: N)?, at TIME',
          '  held      3 requests wait for a token',
          '  to do     Nothing\\.',
          '$',
        ].join('\n'),
      ),
    );
  });

  test('a bot that failed: 1, with its advice; of several, those that need somebody decide', async () => {
    const url = await serve({ echo: signedIn, news: failed, slow: starting });
    const all = await runCliProcess(['status', '--page', url]);
    expect(all.code).toBe(1);
    expect(all.stdout).toMatch(/^news: NOT SIGNED IN, and needs a person\n/m);
    expect(all.stdout).toMatch(/^ {2}to do {5}.*password.*\n {12}.*MATRIX_PASSWORD/m);
    expect(all.stdout.match(/^\S.*: .*$/gm)).toHaveLength(3);
    expect((await cli('status', '--page', url, '--bot', 'echo')).code).toBe(0);
    expect((await cli('status', '--page', `${url}bots/slow`)).code).toBe(3);
    const nobody = await cli('status', '--page', url, '--bot', 'nobody');
    expect(nobody).toMatchObject({ code: 2, stdout: '' });
    expect(nobody.stderr).toMatch(/there is no bot "nobody" .* There are: echo, news, slow\./);
  });

  test('--json is one object, with what is said in words', async () => {
    const url = await serve({ news: failed });
    const { code, stdout } = await runCliProcess(['status', '--page', url, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'page',
      bots: [
        {
          id: 'news',
          bot: 'news',
          signedIn: false,
          needsPerson: true,
          state: 'failed',
          reason: 'no-credentials',
          last: 'There is no session yet',
          toDo: expect.stringContaining('password'),
        },
      ],
    });
  });

  test('a page without a bot: 3', async () => {
    const url = await serve({});
    expect(await cli('status', '--page', url)).toMatchObject({
      code: 3,
      stdout: 'There is no bot on this page yet.\n',
    });
  });

  test('a token: by option, by the environment, by the address; its lack, and a wrong one, are told without it', async () => {
    const token = `canary-at-${'t'.repeat(24)}`;
    const url = await serve({ echo: signedIn }, { token });
    const outcomes = await Promise.all([
      runCliProcess(['status', '--page', url, '--token', token]),
      runCliProcess(['status', '--page', url], { env: { AUTH_PAGE_TOKEN: token } }),
      cli('status', '--page', `${url}#token=${token}`),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    const without = await cli('status', '--page', url);
    expect(without).toMatchObject({ code: 2, stdout: '' });
    expect(without.stderr).toMatch(/wants a token\. Give it with --token, or in AUTH_PAGE_TOKEN/);
    const wrong = await cli('status', '--page', url, '--token', `${token}x`);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('refuses the token');
    const unfit = await cli('status', '--page', url, '--token', `${token}\n`);
    expect(unfit.code).toBe(2);
    expect(JSON.stringify([outcomes, without, wrong, unfit])).not.toContain(token);
  });

  test('what answers and is no page of ours: 2', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/frames') response.end('{"bots":[{}]}');
      else response.end('<html>');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await cli('status', '--page', `http://127.0.0.1:${port}`);
    expect(code).toBe(2);
    expect(stderr).toContain('answers, but not as a live page of matrix-auth-machine does');
  });

  test('where nothing answers: 2, with the reason', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const { code, stderr } = await cli('status', '--page', `127.0.0.1:${port}`);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: http://127.0.0.1:${port} does not answer: nothing listens there. Check that the bot runs, and that its page is served there.\n`,
    );
  });

  test('nothing that a page sends can steer the terminal', async () => {
    const driven = drive();
    signedIn(driven);
    const now = {
      ...observe(driven, { name: 'echo' }).now(),
      userId: '@a\u001b[2J\u202e:b',
      event: '\u0007',
    };
    const server = createServer((_, response) => {
      response.end(JSON.stringify({ now: Date.now(), bots: [{ id: 'echo', now }] }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await cli('status', '--page', `http://127.0.0.1:${port}`);
    expect(code).toBe(0);
    expect(stdout).toContain('@a [2J :b');
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

test.each<[readonly string[], string]>([
  [[], 'say where to look'],
  [['--page', 'http://127.0.0.1:1', '--sqlite', 'bot.db'], 'exclude each other'],
  [['--page', 'http://'], '--page is no URL'],
  [['--page', 'http://user:word@127.0.0.1'], 'must not hold a user name'],
  [['--page', 'http://127.0.0.1/elsewhere'], 'there is no page at /elsewhere'],
  [['--page', 'http://127.0.0.1', '--session', 'x'], '--session is for a store'],
  [['--sqlite', 'bot.db', '--bot', 'x'], '--bot is for a page'],
  [['--sqlite', 'bot.db', '--key', 'nonsense'], '--key is <id>=env:'],
  [['--postgres'], 'DATABASE_URL, which is not set'],
  [['--postgres', 'mysql://host'], 'has to be of the form postgresql://'],
])('status and watch %j: 2, and why', async (args, words) => {
  for (const command of ['status', 'watch']) {
    const { code, stdout, stderr } = await cli(command, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
  }
});

import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startFaultProxy, startTestHomeserver, type TestHomeserver } from '../../src/testing/index.ts';
import { canaryPassword, missingSynapse } from '../support/both.ts';
import { Person } from '../support/rest.ts';
import { lengthened } from '../support/slowness.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';
import { startDemo } from './child.ts';

/** A slow machine is no failure. */
const PATIENCE_MS = 50_000;

describe('npm start', () => {
  test.each([
    ['', []],
    [' --bot-sdk', ['--bot-sdk']],
  ])(
    '--cycles 1%s: tells each change of state, ends after one token lifetime, nothing lost or repeated',
    async (_, more) => {
      const demo = startDemo(['--cycles', '1', '--lifetime', `${lengthened(2_000)}ms`, ...more]);
      await demo.exits(0);
      expect(demo.stderr).toBe('');
      expect(demo.stdout).toMatch(/^Live page  http:\/\/127\.0\.0\.1:\d+\/\n/);

      const lines = demo.stdout.split('\n').filter((line) => /^\d\d:\d\d:\d\d\.\d {2}bot /.test(line));
      const told = lines.map((line) =>
        line
          .slice(12)
          .split(/ {2,}/)
          .join(' | ')
          .replace(/[\d.]+ s$/, 'N s'),
      );
      expect(told.slice(0, 5)).toEqual([
        'bot | restoring | looks for a stored session',
        'bot | refreshing | logs in with its password',
        'bot | reconnecting | asks whose token this is',
        'bot | reconnecting | starts the client',
        'bot | valid | is signed in as @bot:localhost | refreshes in N s',
      ]);
      // On a busy computer the token may run out before it is swapped.
      expect([
        'bot | valid | swapped its token while at work; now the 2nd | refreshes in N s',
        'bot | refreshing | asks for a new token; requests wait',
      ]).toContain(told[5]);
      expect(told.at(-1)).toBe('bot | stopped | ends, and leaves its session as it is');
      expect(stripVTControlCharacters(demo.stdout)).toBe(demo.stdout);

      expect(demo.stdout).toMatch(/^Survived: 1 token lifetime, in [\d.]+ s$/m);
      const [, sent, answered] =
        /(\d+) sent, (\d+) answered, 0 lost, 0 answered twice/.exec(demo.stdout) ?? [];
      expect(Number(sent)).toBeGreaterThan(0);
      expect(answered).toBe(sent);
      expect(demo.stdout).toMatch(new RegExp(`^ {2}traffic +${sent} in, ${sent} out, 0 to be sent$`, 'm'));
      expect(demo.stdout).toMatch(/^ {2}bot +\d+ refresh(es)?, 1 login$/m);
    },
  );

  test('Ctrl-C ends it with the summary', async () => {
    const demo = startDemo(['--lifetime', '1m']);
    await demo.prints(/bot {4}valid/);
    demo.child.kill('SIGINT');
    await demo.exits(0);
    expect(demo.stdout).toMatch(/^Ended early: 0 token lifetimes, in [\d.]+ s\n {2}messages/m);
  });

  test('the live page shows the bot while it runs, and is gone at the end', async () => {
    const demo = startDemo(['--lifetime', '1m']);
    await demo.prints(/bot {4}valid/);
    const [, url = ''] = /^Live page {2}(\S+)\n/.exec(demo.stdout) ?? [];
    const { bots } = (await (await fetch(new URL('/frames', url))).json()) as {
      bots: { id: string; now: { state: string } }[];
    };
    expect(bots.map(({ id, now }) => [id, now.state])).toEqual([['bot', 'valid']]);
    demo.child.kill('SIGINT');
    await demo.exits(0);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('--no-page does without it; a port that is taken is told, with exit code 2', async () => {
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const other = startDemo(['--port', String(port)]);
    await other.exits(2);
    expect(other.stderr).toMatch(/^--port \d+ cannot be had \(EADDRINUSE\)\. Give another/);
    const demo = startDemo(['--no-page', '--lifetime', '1m']);
    await demo.prints(/A bot that stays signed in/);
    demo.child.kill('SIGINT');
    await demo.exits(0);
    expect(demo.stdout).not.toContain('Live page');
  });

  test('a wrong flag is told in a sentence, with exit code 2', async () => {
    const demo = startDemo(['--cycles', 'many']);
    await demo.exits(2);
    expect(demo.stderr).toMatch(/^--cycles is "many"\. Give a whole number/);
    expect(demo.stdout).toBe('');
  });

  test('--help', async () => {
    const demo = startDemo(['--help']);
    await demo.exits(0);
    for (const flag of [
      '--cycles',
      '--lifetime',
      '--synapse',
      '--bot-sdk',
      '--encrypted',
      '--homeserver',
      '--port',
      '--no-page',
    ])
      expect(demo.stdout).toContain(flag);
  });
});

describeWhereThereIs('Synapse', missingSynapse(), 'npm start -- --encrypted --synapse', {}, () => {
  test('ends after one token lifetime, nothing lost or repeated, and leaves no file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const args = ['--encrypted', '--synapse', '--cycles', '1', '--lifetime', `${lengthened(8_000)}ms`];
    const demo = startDemo(args, { TMPDIR: folder });
    await demo.exits(0);
    expect(demo.stderr).toBe('');
    expect(demo.stdout).toMatch(/^ {2}talk +in an encrypted room alice says something/m);
    expect(demo.stdout).toMatch(/^Survived: 1 token lifetime, in [\d.]+ s$/m);
    // An answer that is not encrypted does not count.
    const [, sent, answered] = /(\d+) sent, (\d+) answered, 0 lost, 0 answered twice/.exec(demo.stdout) ?? [];
    expect(Number(sent)).toBeGreaterThan(0);
    expect(answered).toBe(sent);
    expect(demo.stdout).toMatch(new RegExp(`^ {2}traffic +${sent} in, ${sent} out, 0 to be sent$`, 'm'));
    expect((await readdir(folder)).filter((name) => name.includes('-demo-'))).toEqual([]);
  });
});

describe('npm start -- --fleet', () => {
  test('so many bots are on the page, and all are back after an outage', async () => {
    const demo = startDemo(['--fleet', '12', '--lifetime', `${lengthened(2_000)}ms`]);
    await demo.prints(/all 12 are signed in/);
    const [, url = ''] = /^Live page {2}(\S+)\n/.exec(demo.stdout) ?? [];
    const { bots } = (await (await fetch(new URL('/frames', url))).json()) as { bots: { id: string }[] };
    expect(bots).toHaveLength(12);
    await demo.exits(0);
    expect(demo.stderr).toBe('');
    expect(demo.stdout).toMatch(/fleet +0 of 12 have a token that works\n/);
    expect(demo.stdout).toMatch(/fleet +12 of 12 have a token that works\n/);
    expect(demo.stdout).toMatch(/all are back, with [\d.]+ requests each and 12 logins in all\n/);
  });

  test('Ctrl-C ends it', async () => {
    const demo = startDemo(['--fleet', '3', '--no-page']);
    await demo.prints(/all 3 are signed in/);
    demo.child.kill('SIGINT');
    await demo.exits(0);
  });
});

describe('npm start -- --homeserver', () => {
  async function homeserverWithBot(): Promise<{ homeserver: TestHomeserver; password: string }> {
    const password = canaryPassword();
    const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password }] });
    onTestFinished(() => homeserver.stop());
    return { homeserver, password };
  }

  test('the bot joins where it is invited and answers whoever speaks', async () => {
    const { homeserver, password } = await homeserverWithBot();
    homeserver.createUser('carol', password);
    const proxy = await startFaultProxy({ target: homeserver.url });
    onTestFinished(() => proxy.stop());
    const demo = startDemo(['--homeserver', proxy.url], {
      MATRIX_USERNAME: 'bot',
      MATRIX_PASSWORD: password,
    });
    await demo.prints(/bot {4}valid/);
    const carol = await Person.signIn(homeserver.url, { localpart: 'carol', password });
    const room = await carol.createRoom(['@bot:localhost']);
    await proxy.waitFor({ method: 'POST', path: /\/join/ }, { timeoutMs: PATIENCE_MS });
    await carol.say(room, 'hello');
    await proxy.waitFor(
      ({ method, path, status }) =>
        method === 'PUT' && path.includes('/send/m.room.message/') && status === 200,
      { timeoutMs: PATIENCE_MS },
    );
    demo.child.kill('SIGINT');
    await demo.exits(0);
    expect(demo.stdout).toMatch(
      /^ {2}messages +1 heard, \d answered, 0 answers failed, 0 heard twice\n {2}traffic +1 in, 1 out/m,
    );
  });

  test('a refused password is a failure, told with its advice and without the password', async () => {
    const { homeserver } = await homeserverWithBot();
    const wrong = canaryPassword();
    const demo = startDemo(['--homeserver', homeserver.url], {
      MATRIX_USERNAME: 'bot',
      MATRIX_PASSWORD: wrong,
    });
    await demo.exits(1);
    expect(demo.stdout).toContain('The homeserver refused the user name and password.');
    expect(demo.stdout + demo.stderr).not.toContain(wrong);
    expect(homeserver.logins).toBe(0);
  });

  test('without credentials it says what to set, with exit code 2', async () => {
    const demo = startDemo(['--homeserver', 'http://127.0.0.1:1'], {
      MATRIX_USERNAME: '',
      MATRIX_PASSWORD: '',
    });
    await demo.exits(2);
    expect(demo.stderr).toMatch(/Set ACCESS_TOKEN, or MATRIX_USERNAME and MATRIX_PASSWORD/);
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../tools/root.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';

/** `script` gives a program a terminal of its own. */
const hasScript = spawnSync('script', ['--version']).status === 0;
const missing = hasScript ? undefined : 'there is no script of util-linux';

interface InTerminal {
  press(keys: string): void;
  /** Resolves when the terminal shows this; what it showed before counts. */
  shows(pattern: RegExp): Promise<void>;
  readonly ended: Promise<unknown>;
}

function startInTerminal(args: string): InTerminal {
  const { FORCE_COLOR: _, ACCESS_TOKEN: __, ...env } = process.env;
  const command = `${process.execPath} demo/start.ts ${args}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += stripVTControlCharacters(text).replaceAll('\r', '');
    for (const watcher of watchers) watcher();
  });
  const ended = once(child, 'close').then(([code]) => code);
  return {
    press: (keys) => void child.stdin.write(keys),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(shown) && resolve();
        watchers.add(look);
        look();
        void ended.then(() => {
          reject(new Error(`It ended without showing ${String(pattern)}:\n${shown}`));
        });
      }),
    ended,
  };
}

const limits = { timeout: 120_000 };

describeWhereThereIs('A terminal', missing, 'the demo in a terminal', {}, () => {
  test('each key breaks something, and the bot gets over it', limits, async () => {
    const demo = startInTerminal('--lifetime 1m');
    await demo.shows(
      /^Keys: e expire, r revoke, l lock, o outage, k kill -9 and restart, s slow server, q quit/m,
    );
    await demo.shows(/bot {4}valid/);
    demo.press('e');
    await demo.shows(/you let its token expire[\s\S]*bot {4}valid {9}goes on with its 2nd token/);
    demo.press('r');
    await demo.shows(
      /you revoked its session[\s\S]*logs in again[\s\S]*bot {4}valid {9}goes on with its 3rd token/,
    );
    demo.press('l');
    await demo.shows(/you locked its account[\s\S]*bot {4}locked/);
    demo.press('l');
    await demo.shows(/you unlocked its account[\s\S]*bot {4}valid/);
    demo.press('o');
    await demo.shows(/you took the homeserver down/);
    demo.press('o');
    await demo.shows(/you brought the homeserver back/);
    demo.press('s');
    await demo.shows(/you made the homeserver slow/);
    demo.press('s');
    await demo.shows(/you made the homeserver quick again/);
    demo.press('k');
    await demo.shows(/you killed its process[\s\S]*restoring[\s\S]*bot {4}valid/);
    demo.press('q');
    await demo.shows(/^Ended early: 0 token lifetimes[\s\S]*0 answered twice/m);
    await demo.ended;
  });

  test('--cycles leaves the page up until a key is pressed', limits, async () => {
    const demo = startInTerminal('--cycles 1 --lifetime 2s');
    await demo.shows(/^Survived: 1 token lifetime[\s\S]*Press any key to end\./m);
    demo.press(' ');
    expect(await demo.ended).toBe(0);
  });
});

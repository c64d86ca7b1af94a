import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeOnBoth } from '../../support/both.ts';
import { missingTerminal, startInTerminal } from '../../support/terminal.ts';
import { describeWhereThereIs } from '../../support/where-there-is.ts';
import { placeIn } from './place.ts';
import { cliMain } from '../../support/cli-main.ts';

const startCli = (args: readonly string[], folder: string) => startInTerminal([cliMain, ...args], folder);

describeWhereThereIs('script', missingTerminal, 'login in a terminal', {}, () => {
  describeOnBoth('login', { accessTokenLifetimeMs: 300_000 }, (context) => {
    test('asks for the user name and the password, and never shows the password', async () => {
      const { proxy, user, folder } = await placeIn(context);
      const terminal = startCli(['login', proxy.url], folder);
      await terminal.shows(/^User name: $/m);
      terminal.type(`${user.localpart}\r`);
      await terminal.shows(/Password of \S+ \(not shown\): $/m);
      const half = Math.floor(user.password.length / 2);
      // What is typed in error is taken back, key by key or as a line.
      terminal.type(
        `nonsense\u0015${user.password.slice(0, half)}xy\u007f\u007f${user.password.slice(half)}\r`,
      );
      await terminal.shows(new RegExp(`Signed in as ${user.userId} on device`));
      expect(await terminal.ended).toBe(0);
      expect(terminal.shown).not.toContain(user.password.slice(half));
      expect(terminal.shown).not.toContain('nonsense');
      expect(readFileSync(join(folder, 'bot.db'))).not.toHaveLength(0);
    });

    test('ends at Ctrl-C, at each question', async () => {
      const { proxy, user, folder } = await placeIn(context);
      const atName = startCli(['login', proxy.url], folder);
      await atName.shows(/^User name: $/m);
      atName.type('\u0003');
      expect(await atName.ended).toBe(130);
      const atPassword = startCli(['login', proxy.url, '--user', user.localpart], folder);
      await atPassword.shows(/\(not shown\): $/m);
      atPassword.type('half a pass\u0003');
      expect(await atPassword.ended).toBe(130);
      expect(atPassword.shown).not.toContain('half');
      expect(proxy.count({ method: 'POST' })).toBe(0);
    });
  });
});

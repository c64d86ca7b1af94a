import { expect, test } from 'vitest';
import { root } from '../../tools/root.ts';
import { missingTerminal, startInTerminal } from '../support/terminal.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';

const startDemo = (options: string) => startInTerminal(['demo/start.ts', options], root);

const limits = { timeout: 120_000 };

describeWhereThereIs('A terminal', missingTerminal, 'the demo in a terminal', {}, () => {
  test('each key breaks something, and the bot gets over it', limits, async () => {
    const demo = startDemo('--lifetime 1m');
    await demo.shows(
      /^Keys: e expire, r revoke, l lock, o outage, k kill -9 and restart, s slow server, q quit/m,
    );
    await demo.shows(/bot {4}valid/);
    demo.type('e');
    await demo.shows(/you let its token expire[\s\S]*bot {4}valid {9}goes on with its 2nd token/);
    demo.type('r');
    await demo.shows(
      /you revoked its session[\s\S]*logs in again[\s\S]*bot {4}valid {9}goes on with its 3rd token/,
    );
    demo.type('l');
    await demo.shows(/you locked its account[\s\S]*bot {4}locked/);
    demo.type('l');
    await demo.shows(/you unlocked its account[\s\S]*bot {4}valid/);
    demo.type('o');
    await demo.shows(/you took the homeserver down/);
    demo.type('o');
    await demo.shows(/you brought the homeserver back/);
    demo.type('s');
    await demo.shows(/you made the homeserver slow/);
    demo.type('s');
    await demo.shows(/you made the homeserver quick again/);
    demo.type('k');
    await demo.shows(/you killed its process[\s\S]*restoring[\s\S]*bot {4}valid/);
    demo.type('q');
    await demo.shows(/^Ended early: 0 token lifetimes[\s\S]*0 answered twice/m);
    await demo.ended;
  });

  test('--cycles leaves the page up until a key is pressed', limits, async () => {
    const demo = startDemo('--cycles 1 --lifetime 2s');
    await demo.shows(/^Survived: 1 token lifetime[\s\S]*Press any key to end\./m);
    demo.type(' ');
    expect(await demo.ended).toBe(0);
  });
});

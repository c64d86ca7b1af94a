import { logger } from 'matrix-js-sdk/lib/logger.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DurableIndexedDb } from '../../src/adapters/sessions/sqlite-crypto/durable-indexeddb.ts';
import { asIndexedDb } from '../../src/adapters/sessions/sqlite-crypto/global-indexeddb.ts';
import { sqliteCrypto } from '../../src/adapters/sessions/sqlite-crypto/index.ts';
import { OfflineCrypto } from '../support/offline-crypto.ts';
import { compare, inThousands, type Row } from './measure.ts';

const MESSAGES = 300;
const RUNS = 7;
const REACH = 0.7;
const bot = { userId: '@bot:example.org', deviceId: 'BOT' };

/** The same store, which writes nothing. */
async function inMemory() {
  const databasePrefix = 'in memory';
  const options = { stored: [], write: () => {}, onHeld: () => {}, retryMs: 1_000 };
  const { leave } = asIndexedDb(databasePrefix, await DurableIndexedDb.load(options));
  return { databasePrefix, storageKey: new Uint8Array(32).fill(1), opening: leave.during };
}

/** How fast messages are decrypted with keys that last, against the same store in memory, and the SDK's own in memory. */
export async function encrypted(): Promise<Row> {
  (logger as unknown as { setLevel(level: 'silent'): void }).setLevel('silent');
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-bench-'));
  const alice = await OfflineCrypto.open({ userId: '@alice:example.org', deviceId: 'ALICE' });
  const crypto = await sqliteCrypto(join(folder, 'crypto.db')).open(bot, { onHeld: () => {} });
  const lasting = await OfflineCrypto.open(bot, crypto);
  const same = await OfflineCrypto.open(bot, await inMemory());
  const own = await OfflineCrypto.open(bot);
  const timed = async (who: OfflineCrypto) => {
    const messages: object[] = [];
    for (let count = 0; count < MESSAGES; count += 1) messages.push(await alice.encrypt(`message ${count}`));
    await who.takeKeysOf(alice);
    const begun = performance.now();
    for (const message of messages) await who.decrypt(message);
    return performance.now() - begun;
  };
  try {
    const toSame = await compare(
      RUNS,
      () => timed(lasting),
      () => timed(same),
    );
    const toOwn = await compare(
      RUNS,
      () => timed(lasting),
      () => timed(own),
    );
    const perSecond = (ms: number) => (MESSAGES / ms) * 1_000;
    const [overSame, overOwn] = [1 / toSame.ratio, 1 / toOwn.ratio];
    return {
      what: 'Encrypted room: messages decrypted per second with the lasting crypto store over the same in memory',
      result: `${overSame.toFixed(2)} (${inThousands(perSecond(toSame.subjectMs))}/s); over the SDK's own store in memory ${overOwn.toFixed(2)}`,
      reach: `>= ${REACH}`,
      reached: overSame >= REACH,
      runs: `${RUNS} of ${MESSAGES} messages`,
      figures: { overSame, overOwn, perSecond: perSecond(toSame.subjectMs) },
    };
  } finally {
    for (const each of [alice, lasting, same, own]) each.end();
    await crypto.close();
    await rm(folder, { recursive: true, force: true });
  }
}

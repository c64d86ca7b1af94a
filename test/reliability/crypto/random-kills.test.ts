import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { cryptoFolder } from '../../support/encrypted-bot.ts';
import { rounds } from '../../support/long.ts';
import { EncryptingProcess } from './encrypting-process.ts';

/** The making of a file is killed, too. */
const FILES = rounds({ short: 2, long: 20 });
const LIVES = 10;
/** From before the file is open until some messages are encrypted. */
const LONGEST_LIFE_MS = 400;

/** How far a session had come, as its message says: a varint behind the version and the tag. */
function indexIn(ciphertext: string): number {
  const bytes = Buffer.from(ciphertext, 'base64');
  let index = 0;
  for (let at = 2, shift = 0; ; at += 1, shift += 7) {
    const byte = bytes[at] as number;
    index += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return index;
  }
}

let next: EncryptingProcess | undefined;
afterAll(() => next?.kill());

it.each(Array.from({ length: FILES }, (_, index) => index))(
  'file %d, killed ten times: it opens with the same keys, and no session goes back in time',
  async (number) => {
    const file = join(await cryptoFolder(), `${number}.db`);
    const reached = new Map<string, number>();
    let identity: string | undefined;
    for (let life = 0; life < LIVES; life += 1) {
      const bot = next ?? new EncryptingProcess();
      next = new EncryptingProcess();
      await bot.begin(file);
      // The last of a file shows that the kill before it did no harm.
      if (life === LIVES - 1) await bot.works();
      else await delay(Math.random() * LONGEST_LIFE_MS);
      await bot.kill();
      expect(bot.failure).toBeUndefined();
      for (const { sessionId, ciphertext, identity: own } of bot.encrypted) {
        const index = indexIn(ciphertext);
        expect(index, `message of life ${life}`).toBeGreaterThan(reached.get(sessionId) ?? -1);
        reached.set(sessionId, index);
        identity ??= own;
        expect(own).toBe(identity);
      }
    }
    expect(reached.size).toBeGreaterThan(0);
  },
);

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { cryptoFolder } from '../../support/encrypted-bot.ts';
import { rounds } from '../../support/long.ts';
import { EncryptingProcess } from './encrypting-process.ts';

const KILLS = rounds({ short: 20, long: 200 });
/** A new file for so many lives: the making of the file is killed, too. */
const LIVES_OF_A_FILE = 10;
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

it('opens after each kill with the same keys, and no session goes back in time', {
  timeout: 600_000,
}, async () => {
  const folder = await cryptoFolder();
  let next = new EncryptingProcess();
  try {
    for (let kills = 0, files = 0; kills < KILLS; files += 1) {
      const file = join(folder, `${files}.db`);
      const reached = new Map<string, number>();
      let identity: string | undefined;
      for (let life = 0; life < LIVES_OF_A_FILE; life += 1) {
        const bot = next;
        next = new EncryptingProcess();
        await bot.begin(file);
        // The last of a file shows that the kill before it did no harm.
        if (life === LIVES_OF_A_FILE - 1) await bot.works();
        else await delay(Math.random() * LONGEST_LIFE_MS);
        await bot.kill();
        kills += 1;
        expect(bot.failure).toBeUndefined();
        for (const { sessionId, ciphertext, identity: own } of bot.encrypted) {
          const index = indexIn(ciphertext);
          expect(index, `message of life ${life} of file ${files}`).toBeGreaterThan(
            reached.get(sessionId) ?? -1,
          );
          reached.set(sessionId, index);
          identity ??= own;
          expect(own).toBe(identity);
        }
      }
      expect(reached.size).toBeGreaterThan(0);
    }
  } finally {
    await next.kill();
  }
});

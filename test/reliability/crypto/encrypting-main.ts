// A process that encrypts one message after the other with the keys in a file, until it is killed. It has no homeserver.
import { logger } from 'matrix-js-sdk/lib/logger.js';
import { flushCompileCache } from 'node:module';
import { sqliteCrypto } from '../../../src/adapters/sessions/sqlite-crypto/index.ts';
import { OfflineCrypto } from '../../support/offline-crypto.ts';

/** What it tells about a message. */
export interface Encrypted {
  readonly type: 'encrypted';
  readonly sessionId: string;
  /** In it the session says how far it has come. */
  readonly ciphertext: string;
  /** The public keys of the device. */
  readonly identity: string;
}

export type Told = Encrypted | { readonly type: 'ready' } | { readonly type: 'failed'; readonly why: string };

const device = { userId: '@bot:example.org', deviceId: 'DEVICE' };

(logger as unknown as { setLevel(level: 'silent'): void }).setLevel('silent');

const tell = (message: Told) =>
  new Promise<void>((resolve) => {
    process.send?.(message, () => resolve());
  });

async function encrypt(file: string): Promise<void> {
  const crypto = await sqliteCrypto(file).open(device, { onHeld: () => {} });
  const bot = await OfflineCrypto.open(device, crypto);
  const identity = JSON.stringify(await bot.client.getCrypto()?.getOwnDeviceKeys());
  for (;;) {
    const { session_id: sessionId = '', ciphertext = '' } = (await bot.encrypt('text')).content;
    await tell({ type: 'encrypted', sessionId, ciphertext, identity });
  }
}

process.once('message', (file: string) => {
  encrypt(file).catch((error: unknown) => tell({ type: 'failed', why: String(error) }));
});
process.on('disconnect', () => process.exit());
// The crypto is loaded before the life begins.
(await OfflineCrypto.open(device)).end();
flushCompileCache();
await tell({ type: 'ready' });

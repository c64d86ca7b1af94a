import { createClient } from 'matrix-js-sdk';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sqliteCrypto } from '../../../../src/adapters/sessions/sqlite-crypto/index.ts';
import { quietLogger } from '../../../support/bot.ts';
import { ownFolder } from '../folder.ts';

const device = { userId: '@bot:example.org', deviceId: 'DEVICE' };

it('an Olm machine has the same keys when it is opened again', async () => {
  const file = join(await ownFolder(), 'bot-crypto.db');
  const keys: unknown[] = [];
  for (let i = 0; i < 2; i += 1) {
    const crypto = await sqliteCrypto(file).open(device, { onHeld: () => {} });
    expect(crypto.hasKeys).toBe(i > 0);
    const client = createClient({ baseUrl: 'http://127.0.0.1:9', ...device, logger: quietLogger });
    const { databasePrefix: cryptoDatabasePrefix, storageKey } = crypto;
    await crypto.opening(() => client.initRustCrypto({ cryptoDatabasePrefix, storageKey }));
    keys.push(await client.getCrypto()?.getOwnDeviceKeys());
    client.stopClient();
    await crypto.close();
  }
  expect(keys[0]).toMatchObject({ ed25519: expect.any(String) });
  expect(keys[1]).toEqual(keys[0]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

import { chmod, copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DurableIndexedDb } from '../../../../src/adapters/sessions/sqlite-crypto/durable-indexeddb.ts';
import {
  sqliteCrypto,
  type SqliteCryptoOptions,
} from '../../../../src/adapters/sessions/sqlite-crypto/index.ts';
import { sqliteSessions } from '../../../../src/adapters/sessions/sqlite/index.ts';
import type { DeviceCrypto } from '../../../../src/ports/index.ts';
import { OfflineCrypto } from '../../../support/offline-crypto.ts';
import { ownFolder } from '../folder.ts';

const device = { userId: '@bot:example.org', deviceId: 'DEVICE' };
const key = (id: string) => ({ id, key: new Uint8Array(32).fill(id.length) });
const ownFile = async () => join(await ownFolder(), 'bot-crypto.db');

async function open(file: string, options: SqliteCryptoOptions = {}, of = device): Promise<DeviceCrypto> {
  const crypto = await sqliteCrypto(file, options).open(of, { onHeld: () => {} });
  onTestFinished(() => crypto.close());
  return crypto;
}

/** The public keys of a device that is opened and closed again. */
async function identityIn(file: string, options?: SqliteCryptoOptions, of = device): Promise<unknown> {
  const crypto = await open(file, options, of);
  const client = await OfflineCrypto.open(of, crypto);
  const keys = await client.client.getCrypto()?.getOwnDeviceKeys();
  client.end();
  await crypto.close();
  return keys;
}

it('a device has the same keys when it is opened again, and another device others', async () => {
  const file = await ownFile();
  const keys = await identityIn(file);
  expect(keys).toMatchObject({ ed25519: expect.any(String) });
  const other = await identityIn(file, {}, { ...device, deviceId: 'OTHER' });
  expect(other).not.toEqual(keys);
  expect(await identityIn(file)).toEqual(keys);
});

it('is for its owner alone, as are the files beside it', async () => {
  const file = await ownFile();
  await open(file);
  const folder = join(file, '..');
  const modes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).mode & 0o777);
  expect(new Set(await Promise.all(modes))).toEqual(new Set([0o600]));
  await chmod(file, 0o644);
  await expect(open(file, {}, { ...device, deviceId: 'OTHER' })).rejects.toThrow(
    /holds keys of encrypted rooms.*chmod 600/,
  );
});

it('is open once at a time for each device, and free when it is closed', async () => {
  const file = await ownFile();
  const first = await open(file);
  await expect(open(file)).rejects.toThrow(/has the keys of the device DEVICE of @bot:example\.org open/);
  await open(file, {}, { ...device, deviceId: 'OTHER' });
  await first.close();
  await open(file);
});

it('is not the file of the sessions', async () => {
  const file = await ownFile();
  const sessions = sqliteSessions(file);
  await sessions.list();
  await sessions.close();
  await expect(open(file)).rejects.toThrow(/give the keys of encrypted rooms a file of their own/);
});

it('a client that was cut off can write nothing any more', async () => {
  const crypto = await open(await ownFile());
  const client = await OfflineCrypto.open(device, crypto);
  await client.encrypt('before');
  crypto.cutOff();
  const settled: unknown[] = [];
  void client.encrypt('after').then(
    () => settled.push('encrypted'),
    (error: unknown) => settled.push(error),
  );
  const next = await OfflineCrypto.open(device, crypto);
  await next.encrypt('by the next');
  expect(settled).toEqual([]);
  for (const each of [client, next]) each.end();
});

it('the global indexedDB is there only while a client opens its databases', async () => {
  const crypto = await open(await ownFile());
  expect(globalThis.indexedDB).toBeUndefined();
  await crypto.opening(async () => expect(globalThis.indexedDB).toBeDefined());
  expect(globalThis.indexedDB).toBeUndefined();
});

it('what was uploaded of a device is kept', async () => {
  const file = await ownFile();
  const crypto = await open(file);
  expect(crypto.uploadedKeys).toBeUndefined();
  crypto.saveUploadedKeys('{"device_keys":{}}');
  await crypto.close();
  expect((await open(file)).uploadedKeys).toBe('{"device_keys":{}}');
});

it('with keys it opens with one of them only; what was in the clear is taken over', async () => {
  const file = await ownFile();
  const identity = await identityIn(file);
  expect(await identityIn(file, { keys: [key('1')] })).toEqual(identity);
  await expect(open(file)).rejects.toThrow(/Encrypted with the key "1", and no key is given/);
  await expect(open(file, { keys: [key('22')] })).rejects.toThrow(/Add the key "1"/);
  expect(await identityIn(file, { keys: [key('22'), key('1')], requireEncryption: true })).toEqual(identity);
  expect(await identityIn(file, { keys: [key('22')] })).toEqual(identity);
});

it('without its key, what is in the file says nothing of the keys in it', async () => {
  const file = await ownFile();
  const identity = (await identityIn(file, { keys: [key('1')] })) as { readonly curve25519: string };
  const plain = `${file}-copy`;
  await copyFile(file, plain);
  expect((await readFile(plain)).includes(identity.curve25519)).toBe(false);
  await expect(open(await ownFile(), { requireEncryption: true })).rejects.toThrow(/needs `keys`/);
});

it('a transaction is complete when it is written, and not before; those behind it wait their turn', async () => {
  const written: string[] = [];
  let full = true;
  const held: unknown[] = [];
  const databases = await DurableIndexedDb.load({
    stored: [],
    write: (batches) => {
      if (full) throw new Error('The disk is full.');
      written.push(...batches.flatMap(({ changes }) => changes.map((change) => change.do)));
    },
    onHeld: (error) => held.push(error ?? 'over'),
    retryMs: 10,
  });
  const heard: string[] = [];
  const request = databases.open('db', 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore('store'));
  const opened = new Promise((resolve) => {
    request.addEventListener('success', resolve);
  });
  void opened.then(() => heard.push('open'));
  await expect.poll(() => held.length).toBeGreaterThan(2);
  expect(heard).toEqual([]);
  full = false;
  await opened;
  expect(held.at(-1)).toBe('over');
  full = true;
  const put = (value: string) => {
    const transaction = request.result.transaction('store', 'readwrite');
    transaction.objectStore('store').put(value, value);
    return new Promise<void>((resolve) => {
      transaction.addEventListener('complete', () => {
        heard.push(value);
        resolve();
      });
    });
  };
  const puts = [put('one'), put('two')];
  const before = held.length;
  await expect.poll(() => held.length).toBeGreaterThan(before + 2);
  expect(heard).toEqual(['open']);
  full = false;
  await Promise.all(puts);
  expect(heard).toEqual(['open', 'one', 'two']);
  expect(written).toEqual(['schema', 'put', 'put']);
  await databases.close();
});

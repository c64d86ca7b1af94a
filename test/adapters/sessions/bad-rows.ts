import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EncryptionKey } from '../../../src/adapters/sessions/shared/encryption.ts';
import type { SessionStore } from '../../../src/ports/index.ts';
import { type Place, storeAt } from './place.ts';
import { canary, fullRecord, generationOf, plain, rotate, write } from './records.ts';

/** A store's rows as they lie there, of this test alone. */
export interface RawRows {
  readonly place: Place;
  readonly bodyOf: (name: string) => Promise<string | undefined>;
  readonly setBody: (name: string, body: string) => Promise<void>;
}

const keyOf = (id: string): EncryptionKey => ({ id, key: randomBytes(32) });

function openStore(place: Place, keys?: readonly EncryptionKey[]): SessionStore {
  const { store, close } = storeAt(place, keys === undefined ? {} : { keys });
  onTestFinished(close);
  return store;
}

/** Neither reading nor changing the session works, the row stays, and the error quotes nothing. */
async function expectRefused(
  rows: RawRows,
  store: SessionStore,
  message: RegExp,
  secret: string,
): Promise<void> {
  const before = await rows.bodyOf('bot');
  let worked = false;
  const change = () =>
    store.update('bot', 'session', () => {
      worked = true;
      return { record: fullRecord(99), result: undefined };
    });
  for (const attempt of [() => store.read('bot', 'session'), change]) {
    const error: unknown = await attempt().catch((error: unknown) => error);
    expect(error).toMatchObject({
      name: 'SessionStoreError',
      permanent: true,
      message: expect.stringMatching(message),
    });
    expect(String(error)).not.toContain(secret);
  }
  expect(worked).toBe(false);
  expect(await rows.bodyOf('bot')).toBe(before);
}

/** What every store has to do with rows that it cannot read; `make` gives each test its own. */
export function describeBadRows(name: string, make: () => Promise<RawRows>): void {
  describe(`${name}: a row that cannot be read`, () => {
    it.each([
      [
        'of a newer version',
        (token: string) => `{"format":4,"session":{"token":"${token}"}}`,
        /newer version.*Update/,
      ],
      [
        'that is cut short',
        (token: string) => `{"format":1,"session":{"accessToken":"${token}`,
        /Damaged.*not JSON/,
      ],
      ['that is empty', () => '', /Damaged.*not JSON/],
      [
        'without a generation',
        (token: string) => `{"format":1,"session":{"accessToken":"${token}","obtainedAt":1}}`,
        /Damaged.*session\.generation/,
      ],
    ])('is refused and left as it is: one %s', async (_, body, message) => {
      const rows = await make();
      const store = openStore(rows.place);
      await write(store, 'bot', fullRecord(1));
      const token = canary('at').reveal();
      await rows.setBody('bot', body(token));
      await expectRefused(rows, store, message, token);
    });

    it('can be deleted, to sign in anew', async () => {
      const rows = await make();
      const store = openStore(rows.place);
      await write(store, 'bot', fullRecord(1));
      await rows.setBody('bot', '{');
      expect(await store.list()).toEqual(['bot']);
      await store.delete('bot');
      expect(await rotate(store, 'bot')).toBe(1);
    });

    it('does not stand in the way of others', async () => {
      const rows = await make();
      const store = openStore(rows.place);
      await write(store, 'bot', fullRecord(1));
      await rows.setBody('bot', '{');
      expect(await rotate(store, 'other')).toBe(1);
    });
  });

  describe(`${name}: an encrypted row`, () => {
    it('is refused and left as it is with another key, and without one', async () => {
      const rows = await make();
      const [key, next] = [keyOf('2026'), keyOf('2027')];
      const record = fullRecord(1);
      const token = record.session?.accessToken.reveal() ?? '';
      await write(openStore(rows.place, [key]), 'bot', record);
      expect(await rows.bodyOf('bot')).not.toContain(token);
      await expectRefused(rows, openStore(rows.place, [keyOf('2026')]), /key "2026".*another one/, token);
      await expectRefused(rows, openStore(rows.place, [next]), /key "2026".*given are "2027"/, token);
      await expectRefused(rows, openStore(rows.place), /key "2026".*no key is given/, token);
      expect(plain(await openStore(rows.place, [next, key]).read('bot', 'session'))).toEqual(plain(record));
    });

    it('passes to the first key when it is written', async () => {
      const rows = await make();
      const [old, next] = [keyOf('old'), keyOf('new')];
      await write(openStore(rows.place, [old]), 'bot', fullRecord(1));
      const store = openStore(rows.place, [next, old]);
      expect(await generationOf(store, 'bot')).toBe(1);
      expect(await rows.bodyOf('bot')).toContain(':old:');
      await rotate(store, 'bot');
      expect(await rows.bodyOf('bot')).toContain(':new:');
      expect(await generationOf(openStore(rows.place, [next]), 'bot')).toBe(2);
    });

    it('comes of a plain one when it is written', async () => {
      const rows = await make();
      await write(openStore(rows.place), 'bot', fullRecord(1));
      const store = openStore(rows.place, [keyOf('2026')]);
      expect(await generationOf(store, 'bot')).toBe(1);
      expect(await rows.bodyOf('bot')).toMatch(/^\{"format":1,/);
      await rotate(store, 'bot');
      expect(await rows.bodyOf('bot')).toMatch(/^aes-256-gcm:2026:/);
    });

    it('is refused in the place of another, and when an older one comes back', async () => {
      const rows = await make();
      const store = openStore(rows.place, [keyOf('2026')]);
      await write(store, 'bot', fullRecord(1));
      await write(store, 'other', fullRecord(1));
      const old = (await rows.bodyOf('bot')) ?? '';
      await rows.setBody('bot', (await rows.bodyOf('other')) ?? '');
      await expectRefused(rows, store, /altered or copied/, 'canary');
      await rows.setBody('bot', old);
      await rotate(store, 'bot');
      await rows.setBody('bot', old);
      await expectRefused(rows, store, /altered or copied/, 'canary');
    });
  });
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SessionStore, SessionStoreError } from '../../../src/ports/index.ts';
import { type OwnPlace, type PlacedStore, storeAt } from './place.ts';
import { fullRecord, generationOf, plain, rotate, write } from './records.ts';

/** What every store has to do that outlives its process. */
export function describeLastingStore(name: string, make: () => Promise<OwnPlace>): void {
  describe(`${name}: a session store that lasts`, () => {
    let own: OwnPlace;
    let opened: PlacedStore;
    let store: SessionStore;
    beforeEach(async () => {
      own = await make();
      opened = storeAt(own.place);
      store = opened.store;
    });
    afterEach(async () => {
      await opened.close();
      await own.remove();
    });

    it('keeps the record for the next process', async () => {
      const record = fullRecord();
      await write(store, 'bot', record);
      await opened.close();
      opened = storeAt(own.place);
      expect(plain(await opened.store.read('bot', 'session'))).toEqual(plain(record));
    });

    it('does no more once it is closed', async () => {
      await write(store, 'bot', fullRecord(1));
      await opened.close();
      await expect(store.read('bot', 'session')).rejects.toThrow(SessionStoreError);
      await expect(rotate(store, 'bot')).rejects.toThrow('closed');
      opened = storeAt(own.place);
      expect(await generationOf(opened.store, 'bot')).toBe(1);
    });

    it('closes when the write under way is done', async () => {
      const writing = rotate(store, 'bot');
      await opened.close();
      await writing;
      opened = storeAt(own.place);
      expect(await generationOf(opened.store, 'bot')).toBe(1);
    });

    it.each(['', 'with\0nul', '\ud800', 'x'.repeat(256)])('refuses the name %j', async (name) => {
      const refused = expect.objectContaining({
        name: 'SessionStoreError',
        permanent: true,
        message: expect.stringContaining('session name'),
      });
      await expect(store.read(name, 'session')).rejects.toEqual(refused);
      await expect(rotate(store, name)).rejects.toEqual(refused);
      await expect(store.delete(name)).rejects.toEqual(refused);
      expect(() => store.watch?.(name, () => {})).toThrow(refused);
      expect(await store.list()).toEqual([]);
    });

    it('writes no record that could not be read back', async () => {
      await write(store, 'bot', fullRecord(1));
      const broken = { ...fullRecord(2), loginNotBefore: Number.NaN };
      await expect(write(store, 'bot', broken)).rejects.toThrow(/could not be read back.*loginNotBefore/);
      expect(await generationOf(store, 'bot')).toBe(1);
    });
  });
}

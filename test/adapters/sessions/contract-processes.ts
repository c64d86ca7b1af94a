import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SessionStore, SessionStoreError } from '../../../src/ports/index.ts';
import { holdElsewhere, rotateElsewhere, watchElsewhere } from './other-process.ts';
import { type Place, type PlacedStore, storeAt } from './place.ts';
import { fullRecord, generationOf, plain, rotate, toldOf, write } from './records.ts';

/** Data of a test's own. */
export interface OwnPlace {
  readonly place: Place;
  readonly remove: () => Promise<void>;
}

/** What every store has to do that several processes can use, and that outlives them. */
export function describeAcrossProcesses(name: string, make: () => Promise<OwnPlace>): void {
  describe(`${name}: a session store of several processes`, () => {
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

    it('lets one holder at a time work, over 4 processes', { timeout: 60_000 }, async () => {
      const processes = Array.from({ length: 4 }, () => rotateElsewhere(own.place, 'bot', 25));
      await Promise.all(processes);
      expect(await generationOf(store, 'bot')).toBe(100);
    });

    it('is free after the holder was killed, and as it was before', async () => {
      const record = fullRecord(1);
      await write(store, 'bot', record);
      const holder = await holdElsewhere(own.place, 'bot');
      expect(plain(await store.read('bot'))).toEqual(plain(record));
      const next = rotate(store, 'bot');
      await holder.kill();
      expect(await next).toBe(2);
    });

    it('has no record after the holder of a new name was killed', async () => {
      const holder = await holdElsewhere(own.place, 'new');
      await holder.kill();
      expect(await store.read('new')).toBeUndefined();
      expect(await rotate(store, 'new')).toBe(1);
    });

    it('tells those who watch of a change by another process', async () => {
      await write(store, 'bot', fullRecord(1));
      const told = toldOf(store, 'bot', 2);
      await rotateElsewhere(own.place, 'bot', 1);
      await told;
    });

    it('does not keep a process alive by watching', async () => {
      await watchElsewhere(own.place, 'bot');
    });

    it('keeps the record for the next process', async () => {
      const record = fullRecord();
      await write(store, 'bot', record);
      await opened.close();
      opened = storeAt(own.place);
      expect(plain(await opened.store.read('bot'))).toEqual(plain(record));
    });

    it('deletes when the holder is done', async () => {
      await write(store, 'bot', fullRecord(1));
      let deleted: Promise<void> | undefined;
      await store.transact('bot', async () => {
        deleted = store.delete('bot');
        return { record: fullRecord(2), result: undefined };
      });
      await deleted;
      expect(await store.read('bot')).toBeUndefined();
    });

    it('does no more once it is closed', async () => {
      await write(store, 'bot', fullRecord(1));
      await opened.close();
      await expect(store.read('bot')).rejects.toThrow(SessionStoreError);
      await expect(rotate(store, 'bot')).rejects.toThrow('closed');
      opened = storeAt(own.place);
      expect(await generationOf(opened.store, 'bot')).toBe(1);
    });

    it('closes when the transaction under way is written', async () => {
      let closed: Promise<void> | undefined;
      await store.transact('bot', async () => {
        closed = opened.close();
        return { record: fullRecord(3), result: undefined };
      });
      await closed;
      opened = storeAt(own.place);
      expect(await generationOf(opened.store, 'bot')).toBe(3);
    });

    it.each(['', 'with\0nul', '\ud800', 'x'.repeat(256)])('refuses the name %j', async (name) => {
      const refused = expect.objectContaining({ name: 'SessionStoreError', permanent: true });
      await expect(store.read(name)).rejects.toEqual(refused);
      await expect(rotate(store, name)).rejects.toEqual(refused);
      await expect(store.delete(name)).rejects.toEqual(refused);
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

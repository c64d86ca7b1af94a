import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionStore } from '../../../src/ports/index.ts';
import { holdElsewhere, rotateElsewhere, watchElsewhere } from './other-process.ts';
import { type OwnPlace, type PlacedStore, storeAt } from './place.ts';
import { fullRecord, generationOf, plain, rotate, toldOf, write } from './records.ts';

/** What every store has to do that several processes can use. */
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
  });
}

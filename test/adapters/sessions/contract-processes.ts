import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionStore } from '../../../src/ports/index.ts';
import { claimElsewhere, holdElsewhere, rotateElsewhere, watchElsewhere } from './other-process.ts';
import { type OwnPlace, type PlacedStore, storeAt } from './place.ts';
import { fullRecord, generationOf, rotate, toldOf, write } from './records.ts';

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

    it('loses no change of 4 processes at once', { timeout: 60_000 }, async () => {
      await Promise.all(Array.from({ length: 4 }, () => rotateElsewhere(own.place, 'bot', 25)));
      expect(await generationOf(store, 'bot')).toBe(100);
    });

    it('lets one at a time have the claim, over 4 processes', { timeout: 60_000 }, async () => {
      await Promise.all(Array.from({ length: 4 }, () => claimElsewhere(own.place, 'bot', 10)));
      expect(await generationOf(store, 'bot')).toBe(40);
    });

    it('gives the claim of a killed holder to the next at once, and the record is as it was', async () => {
      const record = fullRecord(1);
      await write(store, 'bot', record);
      const holder = await holdElsewhere(own.place, 'bot');
      // Its lease would be longer than this.
      const next = store.claim('bot', { waitAtMostMs: 10_000 });
      expect(await rotate(store, 'bot')).toBe(2);
      await holder.kill();
      await (await next).release();
      expect(await generationOf(store, 'bot')).toBe(2);
    });

    it('gives the claim of a holder that hangs to another after its lease, and the holder has lost it', async () => {
      const short = storeAt(own.place, { claimLeaseMs: 300 });
      try {
        const holder = await holdElsewhere(own.place, 'bot', 300);
        holder.suspend();
        const claim = await short.store.claim('bot', { waitAtMostMs: 30_000 });
        const lost = holder.says('lost');
        holder.wake();
        await lost;
        expect(claim.lost.aborted).toBe(false);
        await claim.release();
      } finally {
        await short.close();
      }
    });

    it('leaves the claim to a holder that lives, however long it takes', async () => {
      const short = storeAt(own.place, { claimLeaseMs: 1_000 });
      try {
        await holdElsewhere(own.place, 'bot', 1_000);
        await expect(short.store.claim('bot', { waitAtMostMs: 2_500 })).rejects.toMatchObject({
          permanent: false,
        });
      } finally {
        await short.close();
      }
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

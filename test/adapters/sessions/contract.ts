import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionStore } from '../../../src/ports/index.ts';
import { fullRecord, generationOf, plain, rotate, sessionOf, toldOf, write } from './records.ts';

/** Stores on data of their own. */
export interface OpenedStore {
  readonly store: SessionStore;
  /** Another handle on the same data. */
  readonly second?: SessionStore;
  /** Closes them, and removes their data. */
  readonly close: () => Promise<void>;
}

/** How a test calls the name, and the name. */
const ODD_NAMES: readonly (readonly [label: string, name: string])[] = [
  ...[
    'main',
    '@bot:example.org/DEVICE',
    "'; DROP TABLE sessions; --",
    '%_\\"`$1?',
    ' ',
    'line\nbreak\ttab',
    'é',
    'e\u0301',
    'A',
    'a',
  ].map((name) => [JSON.stringify(name), name] as const),
  ['of 127 robots', '🤖'.repeat(127)],
];

/** What every session store has to do; `watches` says whether it can tell of changes. */
export function describeSessionStore(
  name: string,
  open: () => Promise<OpenedStore>,
  { watches = true }: { readonly watches?: boolean } = {},
): void {
  describe(`${name}: a session store`, () => {
    let opened: OpenedStore;
    let store: SessionStore;
    let second: SessionStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
      second = opened.second ?? opened.store;
    });
    afterEach(() => opened.close());

    it('has nothing at first', async () => {
      expect(await store.read('bot')).toBeUndefined();
      expect(await store.list()).toEqual([]);
      expect(await store.transact('bot', async (record) => ({ result: record }))).toBeUndefined();
      expect(await store.list()).toEqual([]);
    });

    it('keeps all of a record, and shows it to every handle', async () => {
      const record = fullRecord();
      await write(store, 'bot', record);
      expect(plain(await store.read('bot'))).toEqual(plain(record));
      expect(plain(await second.read('bot'))).toEqual(plain(record));
    });

    it('keeps a record without a session', async () => {
      await write(store, 'bot', { deviceId: 'D', loginBudgetFullAt: 1 });
      expect(await second.read('bot')).toEqual({ deviceId: 'D', loginBudgetFullAt: 1 });
    });

    it('replaces the record as a whole, and gives work the one before', async () => {
      await write(store, 'bot', fullRecord(1));
      const { refreshToken: _, previous: __, ...session } = sessionOf(2);
      const seen = await second.transact('bot', async (record) => ({ record: { session }, result: record }));
      expect(seen?.session?.generation).toBe(1);
      expect(plain(await store.read('bot'))).toEqual(plain({ session }));
    });

    it('writes nothing if work returns no record', async () => {
      await write(store, 'bot', fullRecord(1));
      expect(await store.transact('bot', async () => ({ result: 'as it was' }))).toBe('as it was');
      expect(await generationOf(store, 'bot')).toBe(1);
    });

    it('writes nothing if work throws, passes the error on, and is free again', async () => {
      await write(store, 'bot', fullRecord(1));
      const error = new Error('the bot has a bug');
      const failing = store.transact('bot', async () => {
        throw error;
      });
      await expect(failing).rejects.toBe(error);
      expect(await generationOf(second, 'bot')).toBe(1);
      expect(await rotate(second, 'bot')).toBe(2);
    });

    it('lets work throw before there is a record', async () => {
      await expect(store.transact('bot', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await second.list()).toEqual([]);
      expect(await rotate(second, 'bot')).toBe(1);
    });

    it('lets one holder at a time work, over all handles', async () => {
      let inside = 0;
      const rotations = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : second).transact('bot', async (record) => {
          inside += 1;
          expect(inside).toBe(1);
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
          inside -= 1;
          const generation = (record?.session?.generation ?? 0) + 1;
          return { record: { session: sessionOf(generation) }, result: generation };
        }),
      );
      const generations = await Promise.all(rotations);
      expect(generations.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(await generationOf(store, 'bot')).toBe(20);
    });

    it('reads what is written already, without waiting for the holder', async () => {
      await write(store, 'bot', fullRecord(1));
      await store.transact('bot', async () => {
        expect(await generationOf(store, 'bot')).toBe(1);
        expect(await generationOf(second, 'bot')).toBe(1);
        expect(await second.list()).toEqual(['bot']);
        return { record: fullRecord(2), result: undefined };
      });
      expect(await generationOf(second, 'bot')).toBe(2);
    });

    it('lists and deletes', async () => {
      await write(store, 'one', fullRecord());
      await write(second, 'two', fullRecord());
      expect((await store.list()).sort()).toEqual(['one', 'two']);
      await second.delete('one');
      await second.delete('never there');
      expect(await store.list()).toEqual(['two']);
      expect(await store.read('one')).toBeUndefined();
      expect(await rotate(store, 'one')).toBe(1);
    });

    it.each(ODD_NAMES)('takes the name %s', async (_, name) => {
      await write(store, 'other', fullRecord(1));
      await write(store, name, fullRecord(5));
      expect(await generationOf(second, name)).toBe(5);
      expect((await second.list()).sort()).toEqual(['other', name].sort());
      await second.delete(name);
      expect(await store.list()).toEqual(['other']);
    });

    if (!watches) return;

    it('tells those who watch of a change by another handle', async () => {
      await write(store, 'bot', fullRecord(1));
      const told = toldOf(store, 'bot', 2);
      await rotate(second, 'bot');
      await told;
    });

    it('tells nothing to those who no longer watch', async () => {
      await write(store, 'bot', fullRecord(1));
      let calls = 0;
      const stop = store.watch?.('bot', () => {
        calls += 1;
      });
      await toldOf(store, 'bot', 1);
      stop?.();
      const before = calls;
      const told = toldOf(store, 'bot', 2);
      await rotate(second, 'bot');
      await told;
      expect(calls).toBe(before);
    });
  });
}

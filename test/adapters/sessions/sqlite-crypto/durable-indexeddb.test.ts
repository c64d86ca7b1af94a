import fc from 'fast-check';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sqliteCrypto } from '../../../../src/adapters/sessions/sqlite-crypto/index.ts';
import { rounds } from '../../../support/long.ts';
import { ownFolder } from '../folder.ts';

const device = { userId: '@bot:example.org', deviceId: 'DEVICE' };

/** Anything that makes databases. */
interface Factory {
  open(name: string, version?: number): IDBOpenDBRequest;
}

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'ä', '🤖', ''),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(0.5, -0, Number.POSITIVE_INFINITY),
  fc.constantFrom(1, 2).map((ms) => new Date(ms)),
  fc.constantFrom('x', 'y').map((text) => new TextEncoder().encode(text)),
  fc.array(fc.constantFrom('a', 1), { maxLength: 2 }),
);
const value = fc.oneof(
  fc.string(),
  fc.record({
    text: fc.string(),
    bytes: fc.uint8Array({ maxLength: 4 }),
    date: fc.date({ noInvalidDate: true }),
  }),
  fc.constant(undefined),
);
const store = fc.constantFrom('one', 'two', 'indexed');
const step = fc.oneof(
  fc.record({ do: fc.constantFrom('put' as const, 'add' as const), store, key, value }),
  fc.record({ do: fc.constant('delete' as const), store, key }),
  fc.record({ do: fc.constant('delete-from' as const), store, key, open: fc.boolean() }),
  fc.record({ do: fc.constant('clear' as const), store }),
  fc.record({ do: fc.constantFrom('update-all' as const, 'delete-all' as const), store, value }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const transaction = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  aborted: fc.boolean(),
});
type Transaction = typeof transaction extends fc.Arbitrary<infer T> ? T : never;

const done = (target: EventTarget, ...types: string[]) =>
  new Promise<void>((resolve) => {
    for (const type of types) target.addEventListener(type, () => resolve(), { once: true });
  });

/** As the SDK does it: a version at a time, with data that is moved. */
async function upgraded(factory: Factory, name: string, to: number): Promise<IDBDatabase> {
  const request = factory.open(name, to);
  request.addEventListener('upgradeneeded', ({ oldVersion }) => {
    const { result: database, transaction: upgrade } = request;
    if (oldVersion < 1) {
      for (const each of ['one', 'gone']) database.createObjectStore(each);
      upgrade?.objectStore('gone').put('to be moved', 'moved');
    }
    if (oldVersion < 2 && to >= 2) {
      const indexed = database.createObjectStore('indexed');
      indexed.createIndex('text', 'text');
      indexed.createIndex('dropped', 'date');
      database.createObjectStore('two').put('first', 'a');
    }
    if (oldVersion < 3 && to >= 3) {
      database.deleteObjectStore('gone');
      upgrade?.objectStore('indexed').deleteIndex('dropped');
    }
  });
  await done(request, 'success', 'error');
  return request.result;
}

function perform(target: IDBObjectStore, what: Step): void {
  const request = ((): IDBRequest => {
    switch (what.do) {
      case 'put':
      case 'add':
        return target[what.do](what.value, what.key);
      case 'delete':
        return target.delete(what.key);
      case 'delete-from':
        return target.delete(IDBKeyRange.lowerBound(what.key, what.open));
      case 'clear':
        return target.clear();
      case 'update-all':
      case 'delete-all': {
        const cursors = target.openCursor();
        cursors.addEventListener('success', () => {
          if (cursors.result === null) return;
          if (what.do === 'update-all') cursors.result.update(what.value);
          else cursors.result.delete();
          cursors.result.continue();
        });
        return cursors;
      }
    }
  })();
  // A key that is there already fails the request, and not the transaction.
  request.addEventListener('error', (event) => event.preventDefault());
}

async function run(database: IDBDatabase, { steps, aborted }: Transaction): Promise<void> {
  const all = database.transaction(['one', 'two', 'indexed'], 'readwrite');
  const ended = done(all, 'complete', 'abort');
  for (const what of steps) perform(all.objectStore(what.store), what);
  if (aborted) all.abort();
  await ended;
}

/** -0 and 0 are one key, whichever of the two it was written as. */
const zero = (each: IDBValidKey) => (each === 0 ? 0 : each);

async function contentOf(database: IDBDatabase): Promise<unknown> {
  const names = [...database.objectStoreNames];
  const all = database.transaction(names);
  const ended = done(all, 'complete');
  const requests = names.map((name) => {
    const from = all.objectStore(name);
    const indexes = [...from.indexNames].map((index) => [index, from.index(index).getAllKeys()] as const);
    return { name, keys: from.getAllKeys(), values: from.getAll(), indexes };
  });
  await ended;
  return {
    version: database.version,
    stores: requests.map(({ name, keys, values, indexes }) => ({
      ...{ name, keys: keys.result.map(zero), values: values.result },
      indexes: indexes.map(([index, request]) => [index, request.result.map(zero)]),
    })),
  };
}

it('holds what an IndexedDB in memory holds, also when it is opened again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(transaction, { maxLength: 5 }), { minLength: 1, maxLength: 3 }),
      async (lives) => {
        const file = join(await ownFolder(), 'bot-crypto.db');
        const plain = await upgraded(new IDBFactory(), 'db', 3);
        for (const [life, transactions] of lives.entries()) {
          const crypto = await sqliteCrypto(file).open(device, { onHeld: () => {} });
          try {
            const name = `${crypto.databasePrefix}::db`;
            await crypto.opening(async () => {
              const factory: Factory = globalThis.indexedDB;
              if (life === 0) for (const version of [1, 2]) (await upgraded(factory, name, version)).close();
              const database = await upgraded(factory, name, 3);
              expect(await contentOf(database)).toEqual(await contentOf(plain));
              for (const each of transactions) {
                await run(database, each);
                await run(plain, each);
              }
              expect(await contentOf(database)).toEqual(await contentOf(plain));
            });
          } finally {
            await crypto.close();
          }
        }
      },
    ),
    { numRuns: rounds({ short: 30, long: 1_000 }) },
  );
});

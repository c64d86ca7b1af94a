import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Secret } from '../../ports/secret.ts';
import type { SessionRecord, SessionStore, StoredSession } from '../../ports/sessions.ts';
import type { TestRunner } from '../auth-paths/index.ts';

/** Handles on data of their own. */
export interface OpenedStores {
  readonly store: SessionStore;
  /** Another handle on the same data, such as another process has. Default: there is none. */
  readonly second?: SessionStore;
  /** Closes them, and removes their data. */
  readonly close: () => Promise<void>;
}

export interface DescribeSessionStoreOptions {
  /** `describe` and `it` of the test runner. */
  readonly runner: TestRunner;
}

const NAMES = [
  'main',
  '@bot:example.org/DEVICE',
  "'; DROP TABLE sessions; --",
  '%_\\"`$1?',
  ' ',
  'é',
  'A',
  '🤖',
];

const secret = (kind: 'at' | 'rt') => new Secret(`canary-${kind}-${randomBytes(12).toString('hex')}`);

function sessionOf(generation: number): StoredSession {
  return {
    userId: '@bot:example.org',
    deviceId: 'DEVICE',
    generation,
    accessToken: secret('at'),
    refreshToken: secret('rt'),
    previous: secret('rt'),
    obtainedAt: 1_700_000_000_000,
    expiresAt: 1_700_000_300_000,
  };
}

/** A record as plain data, with its secrets, to be compared. */
function plain(record: SessionRecord | undefined): unknown {
  return JSON.parse(
    JSON.stringify(record ?? null, function reveal(this: Record<string, unknown>, key, value: unknown) {
      const found = this[key];
      return found instanceof Secret ? found.reveal() : value;
    }),
  );
}

/**
 * Defines a suite that holds a session store to what the keeper of a session needs of it. `open` is called for each test.
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * import { describeSessionStore } from 'matrix-auth-machine/testing';
 *
 * describeSessionStore('my store', openMyStore, { runner: { describe, it } });
 * ```
 */
export function describeSessionStore(
  name: string,
  open: () => Promise<OpenedStores>,
  { runner: { describe, it } }: DescribeSessionStoreOptions,
): void {
  const test = (what: string, body: (store: SessionStore, second: SessionStore) => Promise<void>) =>
    it(what, async () => {
      const { store, second = store, close } = await open();
      try {
        await body(store, second);
      } finally {
        await close();
      }
    });
  const write = (store: SessionStore, of: string, record: SessionRecord) =>
    store.update(of, 'session', () => ({ record, result: undefined }));
  const rotate = (store: SessionStore, of: string) =>
    store.update(of, 'session', (record) => {
      const generation = (record?.session?.generation ?? 0) + 1;
      return { record: { ...record, session: sessionOf(generation) }, result: generation };
    });

  describe(`${name}: a session store`, () => {
    test('has nothing at first', async (store) => {
      equal(await store.read('bot', 'session'), undefined);
      equal(await store.read('bot', 'position'), undefined);
      deepStrictEqual(await store.list(), []);
      equal(await store.update('bot', 'session', (record) => ({ result: record })), undefined);
      deepStrictEqual(await store.list(), []);
    });

    test('keeps all of a session record, and shows it to every handle', async (store, second) => {
      const record = { session: sessionOf(7), deviceId: 'DEVICE', given: '0123abcd' };
      await write(store, 'bot', record);
      deepStrictEqual(plain(await store.read('bot', 'session')), plain(record));
      deepStrictEqual(plain(await second.read('bot', 'session')), plain(record));
    });

    test('keeps what a newer version has added', async (store, second) => {
      const unknown = new Secret('{"format":9,"minReader":2,"later":true}');
      const session = { ...sessionOf(1), unknown: new Secret('{"issuer":"https://example.org"}') };
      await write(store, 'bot', { session, unknown });
      await rotate(second, 'other');
      await second.update('bot', 'session', (record) => ({
        record: { ...record, deviceId: 'D' },
        result: undefined,
      }));
      deepStrictEqual(plain(await store.read('bot', 'session')), plain({ session, unknown, deviceId: 'D' }));
    });

    test('keeps each kind of record by itself', async (store, second) => {
      const kinds = {
        position: { position: 's1', at: 5 },
        leader: { holder: 'one', beat: 3 },
        logins: { budgetFullAt: 1_000, notBefore: 2_000 },
        given: { fingerprints: ['00ff'] },
        logout: { generation: 7 },
        outbox: {
          messages: [
            {
              ...{
                id: 'one',
                roomId: '!r:example.org',
                type: 'm.room.message',
                txnId: 't',
                at: 1,
                expiresAt: 2,
              },
              content: { msgtype: 'm.text', body: 'text' },
            },
          ],
          sent: [{ id: 'none', eventId: '$1' }],
        },
      } as const;
      await store.update('bot', 'position', () => ({ record: kinds.position, result: undefined }));
      await store.update('bot', 'leader', () => ({ record: kinds.leader, result: undefined }));
      await store.update('bot', 'logins', () => ({ record: kinds.logins, result: undefined }));
      await store.update('bot', 'given', () => ({ record: kinds.given, result: undefined }));
      await store.update('bot', 'logout', () => ({ record: kinds.logout, result: undefined }));
      await store.update('bot', 'outbox', () => ({ record: kinds.outbox, result: undefined }));
      for (const kind of ['position', 'leader', 'logins', 'given', 'logout', 'outbox'] as const) {
        deepStrictEqual(await second.read('bot', kind), kinds[kind]);
      }
      equal(await second.read('bot', 'session'), undefined);
      deepStrictEqual(await second.list(), []);
    });

    test('replaces a record as a whole, and gives the change the one before', async (store, second) => {
      await write(store, 'bot', { session: sessionOf(1), deviceId: 'D' });
      const session = sessionOf(2);
      const seen = await second.update('bot', 'session', (record) => ({
        record: { session },
        result: record?.session?.generation,
      }));
      equal(seen, 1);
      deepStrictEqual(plain(await store.read('bot', 'session')), plain({ session }));
    });

    test('writes nothing if the change has no record, or throws', async (store, second) => {
      await rotate(store, 'bot');
      equal(await store.update('bot', 'session', () => ({ result: 'as it was' })), 'as it was');
      const bug = new Error('a bug');
      const failing = store.update('bot', 'session', () => {
        throw bug;
      });
      await rejects(failing, (error) => error === bug);
      equal(await rotate(second, 'bot'), 2);
    });

    test('loses no change of many at once', async (store, second) => {
      const rotations = Array.from({ length: 20 }, (_, index) =>
        rotate(index % 2 === 0 ? store : second, 'bot'),
      );
      const generations = (await Promise.all(rotations)).sort((a, b) => a - b);
      deepStrictEqual(
        generations,
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    });

    test('lets one at a time have the claim, in every handle', async (store, second) => {
      let holders = 0;
      let most = 0;
      await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          const claim = await (index % 2 === 0 ? store : second).claim('bot', { waitAtMostMs: 20_000 });
          holders += 1;
          most = Math.max(most, holders);
          await new Promise((resolve) => setImmediate(resolve));
          holders -= 1;
          equal(claim.lost.aborted, false);
          await claim.release();
          await claim.release();
        }),
      );
      equal(most, 1);
    });

    test('reads, writes and lists while the session is claimed, and lets another be claimed', async (store, second) => {
      const claim = await store.claim('bot', { waitAtMostMs: 5_000 });
      equal(await rotate(second, 'bot'), 1);
      equal(await rotate(store, 'bot'), 2);
      equal((await second.read('bot', 'session'))?.session?.generation, 2);
      deepStrictEqual(await second.list(), ['bot']);
      const other = await second.claim('other', { waitAtMostMs: 5_000 });
      await other.release();
      equal(claim.lost.aborted, false);
      await claim.release();
    });

    test('gives up waiting for a claim in time, with an error that may pass', async (store, second) => {
      const claim = await store.claim('bot', { waitAtMostMs: 5_000 });
      const mayPass = (error: unknown) =>
        error instanceof Error &&
        error.name === 'SessionStoreError' &&
        'permanent' in error &&
        !error.permanent;
      await rejects(store.claim('bot', { waitAtMostMs: 30 }), mayPass);
      await rejects(second.claim('bot', { waitAtMostMs: 30 }), mayPass);
      await claim.release();
      await (await second.claim('bot', { waitAtMostMs: 5_000 })).release();
    });

    test('ends the wait for a claim by its signal', async (store, second) => {
      const claim = await store.claim('bot', { waitAtMostMs: 5_000 });
      const reason = new Error('no longer wanted');
      const ending = new AbortController();
      const waiting = second.claim('bot', { waitAtMostMs: 60_000, signal: ending.signal });
      const refused = rejects(waiting, (error) => error === reason);
      ending.abort(reason);
      await refused;
      await claim.release();
    });

    test('lists sessions, and deletes all records of one', async (store, second) => {
      await rotate(store, 'one');
      await rotate(second, 'two');
      await store.update('one', 'position', () => ({ record: { position: 's1', at: 1 }, result: undefined }));
      await store.update('two', 'position', () => ({ record: { position: 's2', at: 1 }, result: undefined }));
      deepStrictEqual((await store.list()).sort(), ['one', 'two']);
      await second.delete('one');
      await second.delete('never there');
      deepStrictEqual(await store.list(), ['two']);
      equal(await store.read('one', 'session'), undefined);
      equal(await store.read('one', 'position'), undefined);
      deepStrictEqual(await store.read('two', 'position'), { position: 's2', at: 1 });
      equal(await rotate(store, 'one'), 1);
    });

    test('leaves a claim to its holder when the session is deleted', async (store, second) => {
      const claim = await store.claim('bot', { waitAtMostMs: 5_000 });
      await rotate(store, 'bot');
      await second.delete('bot');
      await rejects(second.claim('bot', { waitAtMostMs: 30 }));
      equal(claim.lost.aborted, false);
      await claim.release();
      await (await second.claim('bot', { waitAtMostMs: 5_000 })).release();
    });

    for (const odd of NAMES) {
      test(`takes the name ${JSON.stringify(odd)}`, async (store, second) => {
        await rotate(store, 'other');
        await rotate(store, odd);
        deepStrictEqual((await second.list()).sort(), ['other', odd].sort());
        const claim = await second.claim(odd, { waitAtMostMs: 5_000 });
        await claim.release();
        await second.delete(odd);
        deepStrictEqual(await store.list(), ['other']);
      });
    }

    test('tells those who watch of a change by another handle, and nothing when they have left', async (store, second) => {
      if (store.watch === undefined || second === store) return;
      await rotate(second, 'bot');
      const told = Promise.withResolvers<void>();
      let calls = 0;
      const leave = store.watch('bot', () => {
        calls += 1;
      });
      const stay = store.watch('bot', () => {
        store.read('bot', 'session').then((record) => {
          if (record?.session?.generation === 2) told.resolve();
        }, told.reject);
      });
      leave();
      const before = calls;
      await rotate(second, 'bot');
      await told.promise;
      stay();
      equal(calls, before);
    });
  });
}

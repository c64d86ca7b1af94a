import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import { Secret } from '../../../src/ports/index.ts';
import { exchanges, granted, keeperOn, name, nobody, restored } from './keeper-fixtures.ts';

describe('a session that one process has logged out', () => {
  it('is told to another at its next renewal, which asks nothing of the homeserver', async () => {
    const { store, keeper } = await restored();
    const other = keeperOn(store);
    await other.restore({}, nobody);
    await keeper.forget();
    const { exchange, spent } = exchanges(granted(2));
    expect(await other.rotate(1, exchange)).toEqual({ kind: 'logged-out' });
    expect(await other.logIn(1, { otherwise: 'DEV' }, nobody)).toEqual({ kind: 'logged-out' });
    expect(spent).toEqual([]);
    expect(await store.list()).toEqual([]);
  });

  it('is told to another that watches', async () => {
    const { store, keeper } = await restored();
    let changed = () => {};
    const other = keeperOn({
      ...store,
      watch: (_, listener) => {
        changed = listener;
        return () => {};
      },
    });
    await other.restore({}, nobody);
    const told = Promise.withResolvers<void>();
    other.watch({
      onNewSession: () => told.reject(new Error('There is no newer one.')),
      onLoggedOut: told.resolve,
      onError: told.reject,
    });
    await keeper.forget();
    changed();
    await told.promise;
  });

  it('is told to another that the store has notified between the deletion and the mark, and only then', async () => {
    const { store } = await restored();
    const deleted = Promise.withResolvers<void>();
    const looked = Promise.withResolvers<void>();
    let changed = () => {};
    const other = keeperOn({
      ...store,
      read: async (...what) => {
        const record = await store.read(...what);
        if (what[1] === 'logout') looked.resolve();
        return record;
      },
      watch: (_, listener) => {
        changed = listener;
        return () => {};
      },
    });
    await other.restore({}, nobody);
    const told = Promise.withResolvers<void>();
    other.watch({
      onNewSession: () => told.reject(new Error('There is no newer one.')),
      onLoggedOut: told.resolve,
      onError: told.reject,
    });
    const slow = keeperOn({
      ...store,
      delete: async (of) => {
        await store.delete(of);
        deleted.resolve();
        await looked.promise;
      },
    });
    await slow.restore({}, nobody);
    const forgotten = slow.forget();
    await deleted.promise;
    changed();
    await forgotten;
    await told.promise;
  });

  it('is not one that was merely deleted', async () => {
    const { store, keeper } = await restored();
    await store.delete(name);
    expect(await keeper.logIn(1, { otherwise: 'DEV' }, async () => granted(9))).toMatchObject({
      kind: 'renewed',
      session: { generation: 2 },
    });
  });

  it('is followed by one with a later generation, which those who had the old one take for newer', async () => {
    const { store, keeper } = await restored();
    const other = keeperOn(store);
    await other.restore({}, nobody);
    await keeper.forget();
    const later = keeperOn(store);
    await later.restore({}, nobody);
    const signedIn = await later.logIn(0, { otherwise: 'DEV' }, async () => granted(9));
    expect(signedIn).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(await other.rotate(1, nobody)).toMatchObject({ kind: 'adopted', session: { generation: 2 } });
  });

  it('is followed by a given token with a later generation', async () => {
    const { store, keeper } = await restored();
    await keeper.forget();
    const later = keeperOn(store);
    const { session } = await later.restore({ accessToken: new Secret('given') }, nobody);
    expect(session?.generation).toBe(2);
  });

  it('is deleted once: whoever learns of it leaves alone what was stored since', async () => {
    const { store, keeper } = await restored();
    const other = keeperOn(store);
    await other.restore({}, nobody);
    await keeper.forget();
    const later = keeperOn(store);
    await later.restore({}, nobody);
    await later.logIn(0, { otherwise: 'DEV' }, async () => granted(9));
    await other.forget();
    expect((await store.read(name, 'session'))?.session?.generation).toBe(2);
  });

  it('leaves no mark where there was none', async () => {
    const store = memorySessions();
    await keeperOn(store).forget();
    expect(await store.read(name, 'logout')).toBeUndefined();
  });

  it('is deleted when nobody renews it', async () => {
    const { store, keeper } = await restored();
    const claim = await store.claim(name, { waitAtMostMs: 0 });
    const forgotten = keeper.forget();
    await setImmediate();
    expect(await store.list()).toEqual([name]);
    await claim.release();
    await forgotten;
    expect(await store.list()).toEqual([]);
  });
});

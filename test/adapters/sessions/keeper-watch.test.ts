import { describe, expect, it } from 'vitest';
import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import { Secret, type SessionStore } from '../../../src/ports/index.ts';
import {
  exchanges,
  granted,
  keeperOn,
  name,
  nobody,
  restored,
  session,
  tokensOf,
} from './keeper-fixtures.ts';

describe('adoptNewer and watch', () => {
  it('takes what is stored where there was nothing, and nothing where nothing is', async () => {
    const store = memorySessions();
    const keeper = keeperOn(store);
    expect(await keeper.adoptNewer()).toBeUndefined();
    const other = keeperOn(store);
    await other.restore({ accessToken: new Secret('given-1') }, nobody);
    await other.identify(1, '@bot:localhost', 'DEV');
    expect(await keeper.adoptNewer()).toMatchObject({ generation: 1 });
  });

  it('takes only what is newer', async () => {
    const { store, keeper } = await restored();
    expect(await keeper.adoptNewer()).toBeUndefined();
    await keeperOn(store).rotate(1, exchanges(granted(2)).exchange);
    expect(await keeper.adoptNewer()).toMatchObject({ generation: 2 });
    expect(keeper.current?.generation).toBe(2);
    expect(await keeper.adoptNewer()).toBeUndefined();
  });

  it('watch tells of a newer session once, of trouble, and ends', async () => {
    const { store } = await restored();
    let changed = () => {};
    let ended = false;
    let failing = false;
    const watched: SessionStore = {
      ...store,
      read: (of, kind) => (failing ? Promise.reject(new Error('away')) : store.read(of, kind)),
      watch: (_, listener) => {
        changed = listener;
        return () => {
          ended = true;
        };
      },
    };
    const keeper = keeperOn(watched);
    await keeper.restore({}, nobody);
    const told: unknown[] = [];
    let next = Promise.withResolvers<void>();
    const tell = (what: unknown) => {
      told.push(what);
      next.resolve();
    };
    const unwatch = keeper.watch({
      onNewSession: ({ generation }) => tell(generation),
      onLoggedOut: () => tell('logged out'),
      onError: (error) => tell(String(error)),
    });
    await keeperOn(store).rotate(1, exchanges(granted(2)).exchange);
    changed();
    await next.promise;
    next = Promise.withResolvers();
    changed();
    failing = true;
    changed();
    await next.promise;
    expect(told).toEqual([2, 'Error: away']);
    unwatch();
    expect(ended).toBe(true);
  });

  it('a store that tells of our own write before its commit has returned: nothing is adopted', async () => {
    const { store } = await restored();
    let beforeReturn = async () => {};
    const keeper = keeperOn({
      ...store,
      update: async (of, kind, change) => {
        const result = await store.update(of, kind, change);
        await beforeReturn();
        return result;
      },
    });
    await keeper.restore({}, nobody);
    let seen: unknown[] = [];
    beforeReturn = async () => {
      expect((await tokensOf(store)).generation).toBe(2);
      seen = [await keeper.adoptNewer(), keeper.current?.generation];
    };
    const result = await keeper.rotate(1, exchanges(granted(2)).exchange);
    expect(seen).toEqual([undefined, 1]);
    expect(result).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(keeper.current?.generation).toBe(2);
  });

  it('a store that tells of what another wrote after us, before our commit has returned: that is adopted', async () => {
    const { store } = await restored();
    let beforeReturn = async () => {};
    const keeper = keeperOn({
      ...store,
      update: async (of, kind, change) => {
        const result = await store.update(of, kind, change);
        await beforeReturn();
        return result;
      },
    });
    await keeper.restore({}, nobody);
    beforeReturn = async () => {
      await store.update(name, 'session', () => ({ record: { session: session(3) }, result: undefined }));
      expect(await keeper.adoptNewer()).toMatchObject({ generation: 3 });
    };
    const result = await keeper.rotate(1, exchanges(granted(2)).exchange);
    expect(result).toMatchObject({ kind: 'adopted', session: { generation: 3 } });
    expect(keeper.current?.generation).toBe(3);
  });

  it('a store that cannot watch is no trouble', () => {
    keeperOn(memorySessions()).watch({ onNewSession() {}, onLoggedOut() {} })();
  });
});

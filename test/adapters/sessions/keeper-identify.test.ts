import { describe, expect, it } from 'vitest';
import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import { Secret } from '../../../src/ports/index.ts';
import { exchanges, faulty, granted, keeperOn, name, restored, nobody, tokensOf } from './keeper-fixtures.ts';

describe('identify', () => {
  it('writes what whoami said', async () => {
    const store = memorySessions();
    const keeper = keeperOn(store);
    await keeper.restore({ accessToken: new Secret('given-1') }, nobody);
    await keeper.identify(1, '@bot:localhost', 'REAL');
    expect(keeper.current).toMatchObject({ userId: '@bot:localhost', deviceId: 'REAL' });
    expect((await store.read(name, 'session'))?.session).toMatchObject({
      userId: '@bot:localhost',
      deviceId: 'REAL',
    });
  });

  it('writes nothing where nothing is new, and nothing about a token that was replaced', async () => {
    const { store, keeper } = await restored();
    const broken = faulty(store);
    const other = keeperOn(broken.store);
    await other.restore({}, nobody);
    broken.faults.push({ at: 'start', permanent: true });
    await other.identify(1, '@bot:localhost', 'DEV');
    await other.identify(2, '@other:localhost', 'OTHER');
    expect(broken.faults).toHaveLength(1);
    expect(keeper.current?.userId).toBe('@bot:localhost');
  });

  it('keeps the device, where whoami names none', async () => {
    const { store, keeper } = await restored();
    await keeper.identify(1, '@other:localhost', undefined);
    expect(keeper.current).toMatchObject({ userId: '@other:localhost', deviceId: 'DEV' });
    expect((await store.read(name, 'session'))?.session).toEqual(keeper.current);
  });

  it.each([
    ['user', '@other:localhost', 'DEV'],
    ['device', '@bot:localhost', 'OTHER'],
  ])('writes where only the %s is new', async (_, userId, deviceId) => {
    const { store, keeper } = await restored();
    await keeper.identify(1, userId, deviceId);
    expect((await store.read(name, 'session'))?.session).toMatchObject({ userId, deviceId });
  });

  it('leaves what else is stored as it is', async () => {
    const { store, keeper } = await restored({ previous: new Secret('refresh-0') }, { deviceId: 'FIRST' });
    await keeper.identify(1, '@other:localhost', 'OTHER');
    expect(await store.read(name, 'session')).toMatchObject({ deviceId: 'FIRST' });
    expect(await tokensOf(store)).toMatchObject({ generation: 1, previous: 'refresh-0' });
  });

  it('does not bring back a session that was renewed while it was written', async () => {
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
      await keeperOn(store).rotate(1, exchanges(granted(2)).exchange);
      await keeper.adoptNewer();
    };
    await keeper.identify(1, '@other:localhost', 'DEV');
    expect(keeper.current?.generation).toBe(2);
  });

  it('writes nothing of a session that was deleted meanwhile', async () => {
    const { store, keeper } = await restored();
    await store.delete(name);
    await keeper.identify(1, '@other:localhost', 'DEV');
    expect(await store.read(name, 'session')).toBeUndefined();
    expect(keeper.current?.generation).toBe(1);
  });

  it('writes nothing where there is no session', async () => {
    const store = memorySessions();
    const keeper = keeperOn(store);
    await keeper.identify(1, '@bot:localhost', 'DEV');
    expect(await store.list()).toEqual([]);
  });
});

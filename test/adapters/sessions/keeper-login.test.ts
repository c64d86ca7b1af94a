import { describe, expect, it } from 'vitest';
import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import type { SessionStore } from '../../../src/ports/index.ts';
import { granted, keeperOn, name, restored } from './keeper-fixtures.ts';

describe('logIn', () => {
  it('writes the device and the attempt before the request is sent', async () => {
    const store = memorySessions();
    await keeperOn(store, { perMs: 60_000 }).logIn(0, { otherwise: 'DERIVED' }, async (deviceId) => {
      expect(deviceId).toBe('DERIVED');
      const record = await store.read(name, 'session');
      expect(record).toMatchObject({ deviceId: 'DERIVED' });
      expect((await store.read(name, 'logins'))?.budgetFullAt).toBeGreaterThan(Date.now());
      expect(record).not.toHaveProperty('session');
      return granted(1, { userId: '@bot:localhost', deviceId: 'DERIVED' });
    });
    expect(await store.read(name, 'session')).toMatchObject({
      deviceId: 'DERIVED',
      session: { generation: 1, userId: '@bot:localhost', deviceId: 'DERIVED' },
    });
  });

  it('keeps the device that was decided first, over failures and restarts', async () => {
    const store = memorySessions();
    const devices: string[] = [];
    const login = async (deviceId: string) => {
      devices.push(deviceId);
      return devices.length < 3
        ? ({ ok: false, rejection: { endpoint: 'login', status: 500 } } as const)
        : granted(1, { deviceId });
    };
    await keeperOn(store).logIn(0, { otherwise: 'FIRST' }, login);
    await keeperOn(store).logIn(0, { otherwise: 'SECOND' }, login);
    expect(await keeperOn(store).logIn(0, { otherwise: 'THIRD' }, login)).toMatchObject({ kind: 'renewed' });
    expect(devices).toEqual(['FIRST', 'FIRST', 'FIRST']);
  });

  it('takes what a person has approved although the login budget is spent, and costs nothing of it', async () => {
    const store = memorySessions();
    const keeper = keeperOn(store, { burst: 1, perMs: 60_000 });
    const refused = async () => ({ ok: false, rejection: { endpoint: 'login', status: 403 } }) as const;
    await keeper.logIn(0, { otherwise: 'DEV' }, refused);
    const spent = await store.read(name, 'logins');
    const login = async () => granted(1);
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login)).toMatchObject({ kind: 'trouble' });
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login, { attended: true })).toMatchObject({
      kind: 'renewed',
    });
    expect(await store.read(name, 'logins')).toEqual(spent);
  });

  it('uses the device of the session there was', async () => {
    const { keeper } = await restored();
    const devices: string[] = [];
    const result = await keeper.logIn(1, { otherwise: 'DERIVED' }, async (deviceId) => {
      devices.push(deviceId);
      return granted(9);
    });
    expect(devices).toEqual(['DEV']);
    expect(result).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(keeper.current).not.toHaveProperty('previous');
  });

  it('counts on from the highest generation', async () => {
    const keeper = keeperOn(memorySessions());
    expect(await keeper.logIn(7, { otherwise: 'DEV' }, async () => granted(1))).toMatchObject({
      session: { generation: 8 },
    });
  });

  it('adopts a newer session, without a request and without a booking', async () => {
    const { store } = await restored();
    const keeper = keeperOn(store);
    let logins = 0;
    const result = await keeper.logIn(0, { otherwise: 'DEV' }, async () => {
      logins += 1;
      return granted(2);
    });
    expect(result).toMatchObject({ kind: 'adopted', session: { generation: 1 } });
    expect(logins).toBe(0);
    expect(await store.read(name, 'session')).not.toHaveProperty('loginBudgetFullAt');
  });

  it('stops at the budget, and says until when; a restart changes nothing about it', async () => {
    const store = memorySessions();
    let logins = 0;
    const login = async () => {
      logins += 1;
      return { ok: false, rejection: { endpoint: 'login', status: 500 } } as const;
    };
    const before = Date.now();
    const attempt = () => keeperOn(store, { burst: 2, perMs: 60_000 }).logIn(0, { otherwise: 'DEV' }, login);
    await attempt();
    await attempt();
    const result = await attempt();
    expect(logins).toBe(2);
    if (result.kind !== 'trouble') throw new Error(result.kind);
    expect(result).toMatchObject({ code: 'login-budget-spent', why: 'the login budget is spent' });
    expect(result.notBefore).toBeGreaterThan(before + 59_000);
    expect(result.notBefore).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it('writes nothing where the budget is spent', async () => {
    const store = memorySessions();
    const writes: boolean[] = [];
    const noting: SessionStore = {
      ...store,
      update: (of, kind, change) =>
        store.update(of, kind, (record) => {
          const done = change(record);
          writes.push(done.record !== undefined);
          return done;
        }),
    };
    const attempt = () =>
      keeperOn(noting, { burst: 1, perMs: 60_000 }).logIn(0, { otherwise: 'DEV' }, async () => ({
        ok: false,
        rejection: { endpoint: 'login', status: 500 },
      }));
    await attempt();
    expect(await store.read(name, 'logins')).not.toHaveProperty('notBefore');
    expect(await attempt()).toMatchObject({ kind: 'trouble' });
    // The booking and the device are of the first attempt; the second one has only looked.
    expect(writes).toEqual([true, true, false]);
  });

  it('keeps a Retry-After over a restart', async () => {
    const store = memorySessions();
    const before = Date.now();
    const limited = { endpoint: 'login', status: 429, retryAfterMs: 60_000 } as const;
    const first = await keeperOn(store).logIn(0, { otherwise: 'DEV' }, async () => ({
      ok: false,
      rejection: limited,
    }));
    expect(first).toEqual({ kind: 'refused', rejection: limited });
    const second = await keeperOn(store).logIn(0, { otherwise: 'DEV' }, async () => granted(1));
    // Not the budget is spent: it is the homeserver that wants to wait.
    expect(second).toMatchObject({ kind: 'trouble', code: 'rate-limited' });
    expect((second as { notBefore: number }).notBefore).toBeGreaterThanOrEqual(before + 60_000);
  });
});

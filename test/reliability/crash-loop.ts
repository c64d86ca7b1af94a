import { it } from 'vitest';
import { LIMIT_MS } from './lifetimes.ts';
import { freshAccount } from './session.ts';
import type { StoreContext } from './stores.ts';

const login = { path: '/login' };
const BURST = 5;
const PER_MS = 333_000;

/** The login budget and the device are decided in the store, before a login is sent. */
export function crashLoop({ surroundings }: StoreContext): void {
  it('of 7 logins whose answers are lost spends the budget and no more, on one device', async (test) => {
    const { homeserver, proxy, bot } = await surroundings(test);
    const { userId, username, password } = await freshAccount(homeserver);
    const lost = proxy.inject({
      match: login,
      fault: { kind: 'lose-response' },
      times: Number.POSITIVE_INFINITY,
    });
    for (let start = 1; start <= 7; start += 1) {
      const before = proxy.count(login);
      const one = bot({ login: { username, password } });
      const spent = one.says('state', ({ trouble }) => trouble?.includes('login budget') === true);
      await Promise.race([spent, proxy.waitFor(login, { count: before + 1, timeoutMs: LIMIT_MS })]);
      await one.kill();
      await spent.catch(() => {});
    }
    test.expect(proxy.count(login)).toBe(BURST);

    lost.remove();
    const later = bot({ login: { username, password }, clockOffMs: PER_MS });
    await later.signedIn();
    test.expect(proxy.count(login)).toBe(BURST + 1);
    test.expect(await homeserver.devices(userId)).toHaveLength(1);
    await later.stop();
  });
}

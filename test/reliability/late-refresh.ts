import { it } from 'vitest';
import { type KindOfSession, sessionIn, untilRefused } from './session.ts';
import type { BotsHomeserver, StoreContext } from './stores.ts';

/** At once, as far as the lifetime of a minute goes. */
const schedule = { refreshAfter: 0.001, refreshJitter: 0 };

/**
 * A holder that was suspended, or whose lock was lost, can send its refresh when another has long committed the next
 * pair. The homeserver takes it as long as nobody has used that pair, and the pair is worth nothing from then on.
 */
export function lateRefresh<H extends BotsHomeserver>(
  { surroundings }: StoreContext<H>,
  kind: KindOfSession<H>,
): void {
  it('kills the pair, and the refresh token before it saves the session', async (test) => {
    const { homeserver, proxy, place, bot } = await surroundings(test);
    const { session } = await kind.stored(homeserver, place);
    const only = bot({ stopAt: 'written', schedule });
    await only.stopsAt('written');
    const committed = await sessionIn(place);
    test.expect(committed.generation).toBe(2);
    test.expect(committed.previous?.reveal()).toBe(session.refreshToken?.reveal());

    test.expect(await kind.refreshBehind(homeserver.url, session)).toBe(200);
    only.goOn();
    await only.says('session', ({ generation }) => generation === 3);
    const before = only.heard.length;
    await only.says('answer', ({ status }) => status === 200, before);
    const statuses = proxy.requests
      .filter(({ path }) => path.endsWith(kind.refresh))
      .map(({ status }) => status);
    // The rotation; the refresh token of the killed pair, asked for once more; the one before it.
    const refused = test.expect.toBeOneOf([400, 401, 403]);
    test.expect(statuses.slice(0, 4)).toEqual([200, refused, refused, 200]);
    test.expect(proxy.count({ path: '/login' })).toBe(0);
    await untilRefused(homeserver.url, committed.accessToken);
    await only.stop();
  });

  it('kills the pair, and a later process is saved all the same', async (test) => {
    const { homeserver, proxy, place, bot } = await surroundings(test);
    const { session } = await kind.stored(homeserver, place);
    const first = bot({ stopAt: 'written', schedule });
    await first.stopsAt('written');
    await first.kill();
    test.expect(await kind.refreshBehind(homeserver.url, session)).toBe(200);

    const second = bot();
    await second.signedIn();
    await second.says('answer', ({ status }) => status === 200);
    test.expect((await sessionIn(place)).generation).toBe(3);
    test.expect(proxy.count({ path: '/login' })).toBe(0);
    await second.stop();
  });
}

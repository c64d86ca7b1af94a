import { afterAll, beforeAll, describe, it } from 'vitest';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { startTestHomeserverForTests } from '../support/test-homeserver.ts';
import { describeOnPostgres } from '../support/postgres.ts';
import { postgresPlace, sqlitePlace } from './own-place.ts';
import { storedSession } from './session.ts';
import { contextOf, type StoreContext } from './stores.ts';
import { lengthened } from '../support/slowness.ts';

/** As the compatibility `/refresh` of matrix-authentication-service does. */
const consuming = { accessTokenLifetimeMs: lengthened(700), consumeRefreshTokenAtOnce: true };

function suite({ surroundings }: StoreContext): void {
  it('costs one login on the same device when the answer is lost', async (test) => {
    const { homeserver, proxy, place, bot } = await surroundings(test);
    const { userId, username, password } = await storedSession(homeserver, place);
    proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'lose-response' } });
    const only = bot({ login: { username, password } });
    const { generation } = await only.says('session', ({ origin }) => origin === 'logged-in');
    await only.says('session', (session) => session.generation > generation + 1);
    await only.stop();
    const statuses = (path: string) =>
      proxy.requests.filter((request) => request.path.endsWith(path)).map(({ status }) => status);
    // The one that was lost, the one that was refused, and then those that renew the new session.
    test.expect(statuses('/refresh').slice(0, 4)).toEqual([200, 401, 200, 200]);
    test.expect(statuses('/login')).toEqual([200]);
    test.expect(await homeserver.devices(userId)).toEqual(['BOT']);
  });

  it('costs one login on the same device when the process is killed before it is written', async (test) => {
    const { homeserver, proxy, place, bot } = await surroundings(test);
    const { userId, username, password } = await storedSession(homeserver, place);
    const login = { username, password };
    const first = bot({ login, stopAt: 'answered' });
    await first.stopsAt('answered');
    await first.kill();
    const second = bot({ login });
    await second.signedIn();
    await second.says('session', ({ origin }) => origin === 'refreshed');
    await second.stop();
    test.expect(proxy.count({ path: '/login' })).toBe(1);
    test.expect(await homeserver.devices(userId)).toEqual(['BOT']);
  });
}

let homeserver: RunningHomeserver;
beforeAll(async () => {
  homeserver = await startTestHomeserverForTests(consuming);
});
afterAll(() => homeserver.stop());
const both = { homeserver: () => homeserver };

describe.concurrent('On a homeserver that consumes refresh tokens at once: SQLite', () =>
  suite(contextOf(both, 'SQLite', sqlitePlace)));
await describeOnPostgres(
  'On a homeserver that consumes refresh tokens at once: PostgreSQL',
  ({ connectionString }) => suite(contextOf(both, 'PostgreSQL', () => postgresPlace(connectionString))),
);

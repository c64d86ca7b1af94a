import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMatrixAuth, memorySessions, type SessionStore, type StoredSession } from '../../src/index.ts';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.ts';
import { missingSynapse } from '../support/both.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';
import { startSynapse } from '../synapse/server.ts';
import { LIMIT_MS, LONG_MS } from './lifetimes.ts';
import { matrixSession, signedIn } from './session.ts';

const LOOK_AGAIN_MS = 10;
const NAME = 'default';

/**
 * Synapse looks at a refresh token, and exchanges it a little later. In between, the pair that it was exchanged for
 * before may be used for the first time; that pair is dead all the same then, although it has proven to work.
 */
describeWhereThereIs(
  'Synapse',
  missingSynapse(),
  "A late refresh that overtakes a new pair's first use (Synapse)",
  { timeout: LIMIT_MS },
  () => {
    let folder: string;
    let homeserver: RunningHomeserver;
    let proxy: FaultProxy;
    let held: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-held-'));
      held = join(folder, 'held');
      homeserver = await startSynapse({ accessTokenLifetimeMs: LONG_MS, heldRefreshes: held });
      proxy = await startFaultProxy({ target: homeserver.url });
    });
    afterAll(async () => {
      await proxy.stop();
      await homeserver.stop();
      await rm(folder, { recursive: true });
    });

    /** Refreshes of holders that are long replaced: Synapse has taken their token, and stands still before the exchange. */
    async function lateRefreshes(session: StoredSession, count: number) {
      await writeFile(held, '');
      const answers = Array.from({ length: count }, () =>
        matrixSession.refreshBehind(homeserver.url, session),
      );
      while (!existsSync(`${held}.met`)) await delay(LOOK_AGAIN_MS);
      return async () => {
        await rm(held);
        const statuses = await Promise.all(answers);
        await rm(`${held}.met`);
        return statuses;
      };
    }

    /** A bot with this session, whose first use of the next pair is overtaken by late refreshes. */
    async function overtaken(sessions: SessionStore, session: StoredSession, count: number) {
      await sessions.update(NAME, 'session', () => ({ record: { session }, result: undefined }));
      const late: number[] = [];
      const auth = createMatrixAuth({
        homeserver: proxy.url,
        credentials: {},
        sessions,
        logger: false,
        fetch: async (input, init) => {
          const url = input instanceof Request ? input.url : String(input);
          if (late.length > 0 || !url.endsWith('/account/whoami')) return fetch(input, init);
          const letGo = await lateRefreshes(session, count);
          const answer = await fetch(input, init);
          late.push(...(await letGo()));
          return answer;
        },
      });
      await auth.start();
      return { auth, late };
    }

    it.each([1, 3])('of %i late holders ends nothing: the session goes on', async (count) => {
      proxy.clear();
      const account = await signedIn(homeserver);
      // It has expired, so that the bot renews it at once.
      const session = { ...account.session, expiresAt: account.session.obtainedAt + 1 };
      const sessions = memorySessions();
      const { auth, late } = await overtaken(sessions, session, count);
      try {
        expect(late.filter((status) => status === 200)).not.toEqual([]);
        const committed = (await sessions.read(NAME, 'session'))?.session;
        expect(committed?.generation).toBe(2);

        await auth.refresh();
        const answer = await auth.fetch(`${proxy.url}/_matrix/client/v3/account/whoami`);
        expect(answer.status).toBe(200);
        expect(auth.snapshot()).toMatchObject({ state: 'valid', generation: 3 });
        // The rotation; the refresh token of the pair that is dead, twice; the one before it.
        const refreshes = proxy.requests.filter(({ path }) => path.endsWith('/refresh'));
        expect(refreshes.map(({ status }) => status)).toEqual([200, 401, 401, 200]);
        expect(await homeserver.devices(account.userId)).toEqual(['BOT']);
      } finally {
        await auth.stop();
      }
    });
  },
);

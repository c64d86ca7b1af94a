import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { RoomEvent } from 'matrix-js-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { waitFor } from 'xstate';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { credentials } from '../../src/index.ts';
import type { RecordedRequest } from '../../src/testing/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { type Bot, makeBot, quietLogger } from '../support/bot.ts';
import { clientSession, connectNow } from '../support/client-session.ts';
import { Person } from '../support/rest.ts';

const isInitialSync = ({ path, query }: RecordedRequest) => path.endsWith('/sync') && !('since' in query);

describeOnBoth(
  'a first sync that takes long',
  { accessTokenLifetimeMs: 120_000 },
  ({ homeserver, proxy }) => {
    const initialSyncs = () => proxy().requests.filter(isInitialSync);
    const filters = () => new Set(initialSyncs().map(({ query }) => query['filter']));

    async function signedIn() {
      const user = await freshUser(homeserver());
      return { user, person: await Person.signIn(homeserver().url, user, { deviceId: 'ONE' }) };
    }

    it('longer than a proxy’s time limit: the same request is sent again, and what is said meanwhile is news', async () => {
      const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const bob = await Person.signIn(homeserver().url, user);
      const roomId = await alice.createRoom();
      await bob.join(roomId);
      await alice.say(roomId, 'old');
      proxy().inject({
        match: isInitialSync,
        times: 3,
        fault: { kind: 'answer', status: 504, body: '<html>' },
      });
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
      });
      await bot.auth.start();
      await alice.say(roomId, 'new');
      await bot.handles(1);
      expect(bot.handled.map(({ text }) => text)).toEqual(['new']);
      expect(initialSyncs()).toHaveLength(4);
      expect(filters().size).toBe(1);
    });

    it('while another process renews the session again and again: it is not thrown away', async () => {
      const user = await freshUser(homeserver());
      const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-'));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));
      const options = () => {
        const sessions = sqliteSessions(join(directory, 'bot.db'), { watchMs: 20 });
        onTestFinished(() => sessions.close());
        return {
          homeserver: proxy().url,
          credentials: credentials({ username: user.localpart, password: user.password }),
          sessions,
        };
      };
      const generationOf = ({ auth }: Bot) => auth.actor.getSnapshot().context.session?.generation;
      const other = makeBot(options());
      await other.auth.start();
      proxy().clear();
      const slow = proxy().inject({ match: isInitialSync, fault: { kind: 'hang' } });
      const bot = makeBot(options());
      const started = bot.auth.start();
      await slow.hit;
      for (let renewal = 0; renewal < 3; renewal += 1) {
        await other.auth.refresh();
        await waitFor(bot.auth.actor, () => generationOf(bot) === generationOf(other));
      }
      expect(initialSyncs()).toHaveLength(1);
      // The proxy gives up on it, too: it is repeated as it was.
      const [held] = initialSyncs();
      proxy().clear();
      await started;
      expect(filters()).toEqual(new Set([held?.query['filter']]));
    });

    it('is joined by the next attempt when the one before is given up', async () => {
      const { person } = await signedIn();
      const port = matrixJsSdk({ create: { logger: quietLogger } });
      onTestFinished(() => port.stop());
      const session = clientSession(proxy().url, person.tokens);
      const slow = proxy().inject({ match: isInitialSync, fault: { kind: 'delay', delayMs: 500 } });
      const given = new AbortController();
      const first = port.connect(session, { ...connectNow(), signal: given.signal });
      await slow.hit;
      given.abort(new Error('given up'));
      await expect(first).rejects.toThrow('given up');
      await port.connect(session, { ...connectNow(), replace: true });
      expect(initialSyncs()).toHaveLength(1);
    });

    it('is begun anew for another device', async () => {
      const { user, person } = await signedIn();
      const other = await Person.signIn(homeserver().url, user, { deviceId: 'TWO' });
      const port = matrixJsSdk({ create: { logger: quietLogger } });
      onTestFinished(() => port.stop());
      const slow = proxy().inject({ match: isInitialSync, fault: { kind: 'hang' } });
      const first = port.connect(clientSession(proxy().url, person.tokens), connectNow());
      first.catch(() => undefined);
      await slow.hit;
      await port.connect(clientSession(proxy().url, other.tokens), connectNow());
      expect(port.client?.getDeviceId()).toBe('TWO');
      await expect(first).rejects.toThrow('stopped');
      expect(filters().size).toBe(2);
    });

    it('is reported when the homeserver refuses it again and again, and comes up when it no longer does', async () => {
      const { person } = await signedIn();
      const port = matrixJsSdk({ create: { logger: quietLogger } });
      onTestFinished(() => port.stop());
      const session = clientSession(proxy().url, person.tokens);
      proxy().inject({
        match: isInitialSync,
        times: 2,
        fault: { kind: 'answer', status: 403, body: { errcode: 'M_FORBIDDEN' } },
      });
      await port.connect(session, connectNow());
      expect(session.troubles).toMatchObject([
        { code: 'sync-refused', initial: true, status: 403, errcode: 'M_FORBIDDEN', attempts: 2 },
      ]);
    });

    it('is over when the client is stopped: nothing more is asked', async () => {
      const { person } = await signedIn();
      const port = matrixJsSdk({ create: { logger: quietLogger } });
      proxy().inject({
        match: isInitialSync,
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'answer', status: 504 },
      });
      const connecting = port.connect(clientSession(proxy().url, person.tokens), connectNow());
      connecting.catch(() => undefined);
      await proxy().waitFor(isInitialSync);
      await port.stop();
      await expect(connecting).rejects.toThrow('stopped');
      const asked = proxy().requests.length;
      await expect(port.connect(clientSession(proxy().url, person.tokens), connectNow())).rejects.toThrow(
        'stopped',
      );
      expect(proxy().requests).toHaveLength(asked);
    });
  },
);

describeOnBoth(
  'a sync that is refused later',
  { accessTokenLifetimeMs: 120_000 },
  ({ homeserver, proxy }) => {
    it('is reported, and goes on by itself', async () => {
      const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const { tokens } = await Person.signIn(homeserver().url, user);
      const port = matrixJsSdk({ create: { logger: quietLogger }, start: { pollTimeout: 200 } });
      onTestFinished(() => port.stop());
      const session = clientSession(proxy().url, tokens);
      await port.connect(session, connectNow());
      const refused = proxy().inject({
        match: { path: '/sync' },
        times: 2,
        fault: { kind: 'answer', status: 403, body: { errcode: 'M_RESOURCE_LIMIT_EXCEEDED' } },
      });
      await refused.hit;
      const invited = new Promise<void>((resolve) => {
        port.client?.on(RoomEvent.MyMembership, () => resolve());
      });
      await alice.createRoom([user.userId]);
      await invited;
      expect(session.troubles).toMatchObject([
        {
          code: 'sync-refused',
          initial: false,
          status: 403,
          errcode: 'M_RESOURCE_LIMIT_EXCEEDED',
          attempts: 2,
        },
      ]);
    });
  },
);

describeOnBoth(
  'tokens that live shorter than a first sync takes',
  { accessTokenLifetimeMs: 3_000 },
  ({ homeserver }) => {
    it('four processes with one session all come up', async () => {
      const user = await freshUser(homeserver());
      const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-'));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));
      const processes = Array.from({ length: 4 }, () => {
        const sessions = sqliteSessions(join(directory, 'bot.db'), { watchMs: 50 });
        onTestFinished(() => sessions.close());
        return makeBot({
          homeserver: homeserver().url,
          credentials: credentials({ username: user.localpart, password: user.password }),
          sessions,
          // The homeserver takes the token at once, and its answer comes late.
          async fetch(input, init) {
            const { url, signal } = new Request(input, init);
            const response = await fetch(input, init);
            const query = new URL(url).searchParams;
            if (url.includes('/sync?') && !query.has('since')) await setTimeout(4_000, undefined, { signal });
            return response;
          },
        });
      });
      const clients = await Promise.all(processes.map(({ auth }) => auth.start()));
      expect(clients.map((client) => client.getUserId())).toEqual(Array(4).fill(user.userId));
      expect(await homeserver().devices(user.userId)).toHaveLength(1);
    });
  },
);

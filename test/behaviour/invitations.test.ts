import { type MatrixClient, RoomMemberEvent } from 'matrix-js-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { quietLogger } from '../support/bot.ts';
import { clientSession, connectNow } from '../support/client-session.ts';
import { Person } from '../support/rest.ts';

/** More than a homeserver sends of one room. */
const MANY = 15;

describeOnBoth(
  'an invitation that was there before the first start',
  { accessTokenLifetimeMs: 120_000 },
  ({ homeserver, proxy }) => {
    async function stage() {
      const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const bob = await Person.signIn(homeserver().url, user, { deviceId: 'ONE' });
      const busy = await alice.createRoom();
      await bob.join(busy);
      const invitedTo = await alice.createRoom([user.userId]);
      const invitations: string[] = [];
      const { promise: invited, resolve } = Promise.withResolvers<void>();
      let gap = MANY;
      const port = matrixJsSdk({
        create: { logger: quietLogger },
        start: { pollTimeout: 1_000 },
        // Between the initial sync and the first answer that is news.
        async beforeStart() {
          for (; gap > 0; gap -= 1) await alice.say(busy, `message ${gap}`);
        },
        onClient(client: MatrixClient) {
          client.on(RoomMemberEvent.Membership, (_, member) => {
            if (member.userId !== user.userId || member.membership !== 'invite') return;
            invitations.push(member.roomId);
            resolve();
          });
        },
      });
      onTestFinished(() => port.stop());
      return { user, alice, bob, invitedTo, invitations, invited, port };
    }

    it('is delivered as news, once', async () => {
      const { bob, invitedTo, invitations, port } = await stage();
      const session = clientSession(proxy().url, bob.tokens);
      await port.connect(session, connectNow());
      expect(invitations).toEqual([invitedTo]);
      expect(session.positions).not.toEqual([]);
    });

    it('is delivered although the gap of a room could not be filled at first', async () => {
      const { bob, invitedTo, invitations, port } = await stage();
      const failing = proxy().inject({
        match: { path: '/messages' },
        fault: { kind: 'answer', status: 502, body: '<html>' },
      });
      await port.connect(clientSession(proxy().url, bob.tokens), connectNow());
      expect(failing.remaining).toBe(0);
      expect(invitations).toEqual([invitedTo]);
    });

    it('is delivered to the client that replaces one that never got so far', async () => {
      const { user, bob, invitedTo, invitations, invited, port } = await stage();
      const filling = proxy().inject({ match: { path: '/messages' }, fault: { kind: 'hang' } });
      const session = clientSession(proxy().url, bob.tokens);
      const first = port.connect(session, connectNow());
      first.catch(() => undefined);
      await filling.hit;
      expect(invitations).toEqual([]);
      // The next process would take it for old.
      expect(session.positions).toEqual([]);
      const other = await Person.signIn(homeserver().url, user, { deviceId: 'TWO' });
      await port.connect(clientSession(proxy().url, other.tokens), connectNow());
      await invited;
      expect(invitations).toEqual([invitedTo]);
    });

    it('is delivered where the homeserver no longer knows the stored position', async () => {
      const { bob, invitedTo, invitations, port } = await stage();
      proxy().inject({
        match: ({ query }) => query['since'] === 'canary-position',
        fault: { kind: 'answer', status: 400, body: { errcode: 'M_UNKNOWN_POS' } },
        times: Number.POSITIVE_INFINITY,
      });
      await port.connect(clientSession(proxy().url, bob.tokens, 'canary-position'), connectNow());
      expect(invitations).toEqual([invitedTo]);
    });
  },
);

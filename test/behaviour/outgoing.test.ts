import { expect, it, onTestFinished } from 'vitest';
import { createMatrixAuth, credentials, memorySessions, type MatrixAuthEvents } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { signInElsewhere } from '../support/other-device.ts';
import { Person } from '../support/rest.ts';
import { textsIn } from '../support/room-texts.ts';

const isSend = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'PUT' && path.includes('/send/');
const text = (body: string) => ({ msgtype: 'm.text', body });

describeOnBoth(
  'messages of send()',
  { accessTokenLifetimeMs: 3_000, testTimeoutMs: 120_000 },
  ({ homeserver, proxy }) => {
    async function stage() {
      const user = await freshUser(homeserver());
      const setUp = await Person.signIn(homeserver().url, user, { deviceId: 'SETUP' });
      const aliceUser = await freshUser(homeserver());
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const roomId = await alice.createRoom();
      await setUp.join(roomId);
      const sessions = memorySessions();
      const outcomes: MatrixAuthEvents['outgoing'][] = [];
      const start = async () => {
        const auth = createMatrixAuth({
          homeserver: proxy().url,
          credentials: credentials({ username: user.localpart, password: user.password }),
          sessions,
          logger: false,
        });
        onTestFinished(() => auth.stop());
        auth.on('outgoing', (outcome) => outcomes.push(outcome));
        await auth.start();
        return auth;
      };
      const inRoom = async () => {
        // The reader's own token may have ended.
        const reader = await Person.signIn(homeserver().url, aliceUser);
        return textsIn(homeserver().url, roomId, reader, user.userId);
      };
      return { user, roomId, sessions, outcomes, start, inRoom };
    }
    const numbered = (what: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${what} ${index}`);

    it('while the homeserver is away are sent when it is back: each once, in order, and each is reported', async () => {
      const { roomId, outcomes, start, inRoom } = await stage();
      const auth = await start();
      await proxy().away();
      const said = numbered('away', 20);
      const sent = said.map((body) => auth.send(roomId, text(body)));
      // Longer than the token lives.
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      expect(auth.outgoing.length).toBe(20);
      await proxy().back();
      await Promise.all(sent);
      expect(await inRoom()).toEqual(said);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(said.map(() => 'delivered'));
      expect(auth.outgoing).toEqual({ length: 0, oldestAt: undefined, delivered: 20 });
    });

    it('whose answers are lost, over the expiry of tokens: each once, in order', async () => {
      const { roomId, start, inRoom } = await stage();
      const auth = await start();
      const said: string[] = [];
      const first = auth.snapshot().generation ?? 0;
      while ((auth.snapshot().generation ?? 0) < first + 2) {
        const lost = proxy().inject({ match: isSend, fault: { kind: 'lose-response' } });
        said.push(`message ${said.length}`);
        await auth.send(roomId, text(said.at(-1) as string));
        expect(lost.remaining).toBe(0);
      }
      expect(await inRoom()).toEqual(said);
    });

    it('whose answer is lost with the device: not again after the login on the same one', async () => {
      const { user, roomId, start, inRoom } = await stage();
      const auth = await start();
      const { deviceId = '' } = auth.snapshot();
      const lost = proxy().inject({ match: isSend, fault: { kind: 'lose-response' } });
      const sent = auth.send(roomId, text('once'));
      await lost.hit;
      await homeserver().deleteDevice(user.userId, deviceId);
      await sent;
      await auth.send(roomId, text('after'));
      expect(await inRoom()).toEqual(['once', 'after']);
      expect(auth.snapshot().deviceId).toBe(deviceId);
      expect(proxy().count({ path: '/login' })).toBe(2);
    });

    it('whose answer is lost before another device takes over: not again by that one', async () => {
      const { user, roomId, sessions, start, inRoom } = await stage();
      const auth = await start();
      await auth.send(roomId, text('before'));
      const lost = proxy().inject({ match: isSend, fault: { kind: 'lose-response' } });
      const sent = auth.send(roomId, text('once'));
      await lost.hit;
      const cut = proxy().inject({
        match: isSend,
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'cut' },
      });
      await signInElsewhere(homeserver().url, user, sessions, 'OTHER');
      await auth.refresh();
      expect(auth.snapshot().deviceId).toBe('OTHER');
      cut.remove();
      await sent;
      await auth.send(roomId, text('after'));
      expect(await inRoom()).toEqual(['before', 'once', 'after']);
    });

    it('that a stopped process could not send are sent by the next one', async () => {
      const { roomId, outcomes, start, inRoom } = await stage();
      const first = await start();
      await proxy().away();
      const said = numbered('left', 5);
      const sent = said.map((body) => first.send(roomId, text(body)));
      const rejected = Promise.allSettled(sent);
      await first.stop();
      expect((await rejected).map(({ status }) => status)).toEqual(said.map(() => 'rejected'));
      await proxy().back();
      const second = await start();
      await second.send(roomId, text('new'));
      expect(await inRoom()).toEqual([...said, 'new']);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual([...said, 'new'].map(() => 'delivered'));
    });

    it('to a room that the bot is not in is refused, and is no token error', async () => {
      const { start } = await stage();
      const auth = await start();
      await expect(auth.send('!nowhere:example.org', text('one'))).rejects.toMatchObject({
        name: 'MessageRefusedError',
        errcode: 'M_FORBIDDEN',
      });
      expect(proxy().count({ path: '/login' })).toBe(1);
    });
  },
);

describeOnBoth(
  'messages of send() on a homeserver that limits the rate',
  {
    accessTokenLifetimeMs: 60_000,
    messageRateLimit: { perSecond: 1, burst: 2 },
    testTimeoutMs: 120_000,
  },
  ({ homeserver, proxy }) => {
    it('are sent as fast as it allows: each once, in order, without a token error', async () => {
      const user = await freshUser(homeserver());
      const setUp = await Person.signIn(homeserver().url, user, { deviceId: 'SETUP' });
      const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
      const roomId = await alice.createRoom();
      await setUp.join(roomId);
      const auth = createMatrixAuth({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
        logger: false,
      });
      onTestFinished(() => auth.stop());
      await auth.start();
      const said = Array.from({ length: 6 }, (_, index) => `message ${index}`);
      await Promise.all(said.map((body) => auth.send(roomId, text(body))));
      expect(await textsIn(homeserver().url, roomId, alice, user.userId)).toEqual(said);
      expect(proxy().requests.some(({ status }) => status === 429)).toBe(true);
      expect(auth.snapshot().generation).toBe(1);
    });
  },
);

import type { MatrixClient } from 'matrix-bot-sdk';
import { RoomEvent } from 'matrix-js-sdk';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isRepeated as isRepeatedJson, matrixBotSdk } from '../../src/adapters/matrix-bot-sdk/index.ts';
import { isRepeated, matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import type { ClientPort } from '../../src/ports/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { quietLogger } from '../support/bot.ts';
import { botSdks } from '../support/bot-sdk.ts';
import { clientSession, connectNow } from '../support/client-session.ts';
import { Person } from '../support/rest.ts';

/** A message as a handler was given it, whichever SDK it came by. */
interface Message {
  readonly text: string;
  readonly roomId: string;
  readonly repeated: boolean;
}

interface Handlers {
  readonly onMessage?: (message: Message) => unknown;
  /** A listener of the SDK. */
  readonly listener?: (message: Message) => unknown;
  readonly handlerTimeoutMs?: number;
}

type MakePort = (handlers: Handlers) => ClientPort<unknown>;

const onJsSdk: MakePort = ({ onMessage, listener, ...options }) =>
  matrixJsSdk({
    create: { logger: quietLogger },
    start: { pollTimeout: 2_000 },
    ...options,
    ...(onMessage && {
      onMessage: ({ room, event, repeated }) =>
        onMessage({ text: event.getContent()['body'], roomId: room.roomId, repeated }),
    }),
    onClient(client) {
      client.on(RoomEvent.Timeline, (event, room) => {
        if (event.getType() !== 'm.room.message') return;
        void listener?.({
          text: event.getContent()['body'],
          roomId: room?.roomId ?? '',
          repeated: isRepeated(event),
        });
      });
    },
  });

const onBotSdk =
  (sdk: (typeof botSdks)[number]): MakePort =>
  ({ onMessage, listener, ...options }) =>
    matrixBotSdk<MatrixClient>({
      create({ homeserverUrl, accessToken, storage }) {
        const client = new sdk.MatrixClient(homeserverUrl, accessToken, storage);
        client.syncingTimeout = 2_000;
        return client;
      },
      ...options,
      ...(onMessage && {
        onMessage: ({ roomId, event, repeated }) =>
          onMessage({ text: String(event.content['body']), roomId, repeated }),
      }),
      onClient(client) {
        client.on('room.message', (roomId: string, event: { content: { body: string } }) =>
          listener?.({ text: event.content.body, roomId, repeated: isRepeatedJson(event) }),
        );
      },
    });

const sdks: readonly { readonly name: string; readonly make: MakePort }[] = [
  { name: 'matrix-js-sdk', make: onJsSdk },
  ...botSdks.map((sdk) => ({ name: sdk.name, make: onBotSdk(sdk) })),
];

describeOnBoth('handlers of the bot', { accessTokenLifetimeMs: 120_000 }, ({ homeserver, proxy }) => {
  async function stage() {
    const user = await freshUser(homeserver());
    const bob = await Person.signIn(homeserver().url, user, { deviceId: 'ONE' });
    const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
    const [roomId, other] = [await alice.createRoom(), await alice.createRoom()];
    for (const room of [roomId, other]) await bob.join(room);
    return { bob, alice, roomId, other };
  }
  async function connected(make: MakePort, handlers: Handlers, session: ReturnType<typeof clientSession>) {
    const port = make(handlers);
    onTestFinished(() => port.stop());
    await port.connect(session, connectNow());
    return port;
  }
  /** What a handler returns that is not done before the test is. */
  function unending() {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { promise, endAfterTest: () => onTestFinished(() => resolve()) };
  }
  const soon = <T>(check: () => T) => vi.waitFor(check, 30_000);

  describe.each(sdks)('on $name', ({ make }) => {
    it('hold up what comes after in their room, and no other room; only then is the position stored', async () => {
      const { bob, alice, roomId, other } = await stage();
      const handled: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      const session = clientSession(proxy().url, bob.tokens);
      const port = await connected(
        make,
        {
          async onMessage({ text }) {
            if (text === 'long') await promise;
            handled.push(text);
          },
        },
        session,
      );
      await alice.say(roomId, 'long');
      await alice.say(roomId, 'after');
      await alice.say(other, 'elsewhere');
      await soon(() => expect(handled).toEqual(['elsewhere']));
      const before = session.positions.at(-1);
      resolve();
      await soon(() => expect(handled).toEqual(['elsewhere', 'long', 'after']));
      await soon(() => expect(session.positions.at(-1)).not.toBe(before));
      await port.stop();
      expect(session.ends).toEqual([session.positions.at(-1)]);
    });

    it('that throw or hang are told, and the next event goes on', async () => {
      const { bob, alice, roomId } = await stage();
      const handled: string[] = [];
      const session = clientSession(proxy().url, bob.tokens);
      await connected(
        make,
        {
          handlerTimeoutMs: 100,
          onMessage({ text }) {
            if (text === 'throws') throw new Error('thrown');
            if (text === 'hangs') return new Promise(() => {});
            return handled.push(text);
          },
        },
        session,
      );
      for (const text of ['throws', 'hangs', 'after']) await alice.say(roomId, text);
      await soon(() => expect(handled).toEqual(['after']));
      expect(session.troubles).toEqual([
        expect.objectContaining({ code: 'handler-failed', roomId, error: new Error('thrown') }),
        expect.objectContaining({ code: 'handler-slow', roomId, heldMs: 100 }),
      ]);
    });

    it('are told what they may have handled before a kill, and so are listeners', async () => {
      const { bob, alice, roomId } = await stage();
      const first = clientSession(proxy().url, bob.tokens);
      const { promise: heard, resolve: onHeard } = Promise.withResolvers<void>();
      // Its position is not stored, as if it were killed.
      const { promise: never, endAfterTest } = unending();
      const begin = () => {
        onHeard();
        return never;
      };
      await connected(make, { onMessage: begin }, first);
      await alice.say(roomId, 'begun');
      await heard;
      await alice.say(roomId, 'not begun');
      const [handled, listened]: Message[][] = [[], []];
      const second = clientSession(proxy().url, bob.tokens, first.positions.at(-1), true);
      await connected(
        make,
        {
          onMessage: (message) => handled?.push(message),
          listener: (message) => void listened?.push(message),
        },
        second,
      );
      endAfterTest();
      await soon(() => expect(handled).toHaveLength(2));
      await alice.say(roomId, 'new');
      await soon(() => expect(handled).toHaveLength(3));
      expect(handled).toEqual([
        { text: 'begun', roomId, repeated: true },
        { text: 'not begun', roomId, repeated: true },
        { text: 'new', roomId, repeated: false },
      ]);
      expect(listened).toEqual(handled);
    });

    it('are told what they may have handled before a second kill soon after the first', async () => {
      const { bob, alice, roomId, other } = await stage();
      const first = clientSession(proxy().url, bob.tokens);
      const { promise: heard, resolve: onHeard } = Promise.withResolvers<void>();
      // Neither its position nor that of the next is stored, as if they were killed.
      const { promise: never, endAfterTest } = unending();
      const begin = () => {
        onHeard();
        return never;
      };
      await connected(make, { onMessage: begin }, first);
      await alice.say(roomId, 'begun');
      await heard;
      const since = first.positions.at(-1);
      const second: Message[] = [];
      const handlers: Handlers = {
        onMessage(message) {
          second.push(message);
          return message.roomId === roomId ? never : undefined;
        },
      };
      await connected(make, handlers, clientSession(proxy().url, bob.tokens, since, true));
      await soon(() => expect(second).toHaveLength(1));
      await alice.say(other, 'handled');
      await soon(() => expect(second).toHaveLength(2));
      const third: Message[] = [];
      const last = clientSession(proxy().url, bob.tokens, since, true);
      await connected(make, { onMessage: (message) => third.push(message) }, last);
      endAfterTest();
      await soon(() => expect(third).toHaveLength(2));
      expect(new Map(third.map(({ text, repeated }) => [text, repeated]))).toEqual(
        new Map([
          ['begun', true],
          ['handled', true],
        ]),
      );
    });

    it('are told of nothing as repeated after an end of its own, for which stop() waits', async () => {
      const { bob, alice, roomId } = await stage();
      const session = clientSession(proxy().url, bob.tokens);
      const { promise: heard, resolve: onHeard } = Promise.withResolvers<void>();
      const { promise, resolve } = Promise.withResolvers<void>();
      const handled: string[] = [];
      const port = await connected(
        make,
        {
          async onMessage({ text }) {
            onHeard();
            await promise;
            handled.push(text);
          },
        },
        session,
      );
      await alice.say(roomId, 'last');
      await heard;
      const stopping = port.stop();
      resolve();
      await stopping;
      expect(handled).toEqual(['last']);
      expect(session.ends).toEqual([session.positions.at(-1)]);
    });

    it('are not waited for by stop() for ever, and then what they had begun counts as interrupted', async () => {
      const { bob, alice, roomId } = await stage();
      const session = clientSession(proxy().url, bob.tokens);
      const { promise: heard, resolve: onHeard } = Promise.withResolvers<void>();
      const { promise: never, endAfterTest } = unending();
      const begin = () => {
        onHeard();
        return never;
      };
      const port = await connected(make, { onMessage: begin }, session);
      endAfterTest();
      const before = session.positions.at(-1);
      await alice.say(roomId, 'last');
      await heard;
      await port.stop();
      expect(session.ends).toEqual([]);
      expect(session.positions.at(-1)).toBe(before);
    });

    it('are not told again what another process has handled while that one led', async () => {
      const { bob, alice, roomId } = await stage();
      const handled: string[] = [];
      const port = await connected(
        make,
        { onMessage: ({ text }) => handled.push(text) },
        clientSession(proxy().url, bob.tokens),
      );
      await alice.say(roomId, 'before');
      await soon(() => expect(handled).toEqual(['before']));
      await port.connect(clientSession(proxy().url, bob.tokens), {
        ...connectNow(),
        passive: true,
        replace: true,
      });
      const otherSession = clientSession(proxy().url, bob.tokens);
      const elsewhere: string[] = [];
      const other = await connected(make, { onMessage: ({ text }) => elsewhere.push(text) }, otherSession);
      await alice.say(roomId, 'meanwhile');
      await soon(() => expect(elsewhere).toEqual(['meanwhile']));
      await other.stop();
      await port.connect(clientSession(proxy().url, bob.tokens, otherSession.positions.at(-1)), {
        ...connectNow(),
        replace: true,
      });
      await alice.say(roomId, 'after');
      await soon(() => expect(handled).toContain('after'));
      expect(handled).toEqual(['before', 'after']);
    });

    it('get the messages of others, and not the bot’s own', async () => {
      const { bob, alice, roomId } = await stage();
      const handled: string[] = [];
      await connected(
        make,
        { onMessage: ({ text }) => handled.push(text) },
        clientSession(proxy().url, bob.tokens),
      );
      await bob.say(roomId, 'own');
      await alice.say(roomId, 'of another');
      await soon(() => expect(handled).toEqual(['of another']));
    });
  });
});

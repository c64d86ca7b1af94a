import { MatrixClient } from 'matrix-bot-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { matrixBotSdk } from '../../src/adapters/matrix-bot-sdk/index.ts';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth, credentials, memorySessions } from '../../src/index.ts';
import type { ClientPort } from '../../src/ports/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { quietLogger } from '../support/bot.ts';
import '../support/bot-sdk.ts';
import { rounds } from '../support/long.ts';
import { signInElsewhere } from '../support/other-device.ts';
import { Person } from '../support/rest.ts';
import { textsIn } from '../support/room-texts.ts';
import { lengthened } from '../support/slowness.ts';
import { talk } from '../support/talk.ts';

const MESSAGES = rounds({ short: 150, long: 1_000 });
const LIFETIME_MS = rounds({ short: 1_000, long: 2_000 });
const LIFETIMES = rounds({ short: 3, long: 20 });
/** The client is replaced once in so many lifetimes. */
const REPLACED_EACH = 3;
const ROOMS = 2;

type Handle = (roomId: string, eventId: string, text: string) => Promise<void>;

const sdks: readonly { readonly name: string; readonly clientOf: (handle: Handle) => ClientPort<unknown> }[] =
  [
    {
      name: 'matrix-js-sdk',
      clientOf: (handle) =>
        matrixJsSdk({
          create: { logger: quietLogger },
          onMessage: ({ room, event }) =>
            handle(room.roomId, event.getId() ?? '', String(event.getContent()['body'])),
        }),
    },
    {
      name: 'matrix-bot-sdk',
      clientOf: (handle) =>
        matrixBotSdk({
          create: ({ homeserverUrl, accessToken, storage }) =>
            new MatrixClient(homeserverUrl, accessToken, storage),
          onMessage: ({ roomId, event }) => handle(roomId, event.event_id, String(event.content['body'])),
        }),
    },
  ];

describeOnBoth(
  'messages in and as many out, over the ends of tokens and with clients that are replaced',
  { accessTokenLifetimeMs: lengthened(LIFETIME_MS) },
  ({ homeserver, proxy }) => {
    it.each(sdks)(
      'on $name: none is lost, handled twice, sent twice, or out of order',
      async ({ clientOf }) => {
        const user = await freshUser(homeserver());
        const setUp = await Person.signIn(homeserver().url, user, { deviceId: 'ONE' });
        const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
        const rooms: string[] = [];
        while (rooms.length < ROOMS) rooms.push(await alice.createRoom());
        for (const room of rooms) await setUp.join(room);
        const sessions = memorySessions();
        const handled = new Map(rooms.map((room) => [room, [] as string[]]));
        const auth = createMatrixAuth({
          homeserver: proxy().url,
          credentials: credentials({ username: user.localpart, password: user.password, deviceId: 'ONE' }),
          sessions,
          logger: false,
          client: clientOf(async (room, eventId, text) => {
            handled.get(room)?.push(text);
            await auth.send(room, { msgtype: 'm.text', body: `re: ${text}` }, { id: eventId });
          }),
        });
        onTestFinished(() => auth.stop());
        await auth.start();

        let replacements = 0;
        let renewals = 0;
        auth.on('device-changed', () => {
          replacements += 1;
        });
        auth.on('refreshed', () => {
          renewals += 1;
          if (renewals % REPLACED_EACH !== 0) return;
          void signInElsewhere(homeserver().url, user, sessions, renewals % 2 === 0 ? 'ONE' : 'TWO');
        });
        const wanted = Math.floor(LIFETIMES / REPLACED_EACH);
        const said = await talk(alice, rooms, MESSAGES, () => renewals < LIFETIMES || replacements < wanted);

        for (const [room, texts] of said) {
          const answers = texts.map((text) => `re: ${text}`);
          const inRoom = () => textsIn(homeserver().url, room, alice, user.userId);
          await expect.poll(inRoom, { timeout: 120_000, interval: 200 }).toContain(answers.at(-1));
          expect(handled.get(room)).toEqual(texts);
          expect(await inRoom()).toEqual(answers);
        }
      },
    );
  },
);

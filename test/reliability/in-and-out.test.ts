import { MatrixClient } from 'matrix-bot-sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { matrixBotSdk } from '../../src/adapters/matrix-bot-sdk/index.ts';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth, credentials, type MatrixAuth, memorySessions } from '../../src/index.ts';
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
  'messages in and as many out',
  { accessTokenLifetimeMs: lengthened(LIFETIME_MS) },
  ({ homeserver, proxy }) => {
    /** A bot that answers what alice says, which can be started again and again. */
    async function stage(clientOf: (handle: Handle) => ClientPort<unknown>) {
      const user = await freshUser(homeserver());
      const setUp = await Person.signIn(homeserver().url, user, { deviceId: 'ONE' });
      const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
      const rooms: string[] = [];
      while (rooms.length < ROOMS) rooms.push(await alice.createRoom());
      for (const room of rooms) await setUp.join(room);
      const sessions = memorySessions();
      const handled = new Map(rooms.map((room) => [room, [] as string[]]));
      const start = async () => {
        const auth: MatrixAuth<unknown> = createMatrixAuth({
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
        return auth;
      };
      /** Resolves when the last of these is answered. @throws unless each was handled and answered once, in order */
      const answers = async (said: ReadonlyMap<string, readonly string[]>) => {
        for (const [room, texts] of said) {
          const wanted = texts.map((text) => `re: ${text}`);
          const inRoom = () => textsIn(homeserver().url, room, alice, user.userId);
          await expect.poll(inRoom, { timeout: 120_000, interval: 200 }).toContain(wanted.at(-1));
          expect(handled.get(room)).toEqual(texts);
          expect(await inRoom()).toEqual(wanted);
        }
      };
      const signIn = (deviceId: string) => signInElsewhere(homeserver().url, user, sessions, deviceId);
      return { alice, rooms, start, answers, signInElsewhere: signIn };
    }

    describe.each(sdks)('on $name', ({ clientOf }) => {
      it('over the ends of tokens, with clients that are replaced: none lost, none twice, all in order', async () => {
        const bot = await stage(clientOf);
        const auth = await bot.start();
        let replacements = 0;
        let renewals = 0;
        auth.on('device-changed', () => {
          replacements += 1;
        });
        auth.on('refreshed', () => {
          renewals += 1;
          if (renewals % REPLACED_EACH === 0) void bot.signInElsewhere(renewals % 2 === 0 ? 'ONE' : 'TWO');
        });
        const wanted = Math.floor(LIFETIMES / REPLACED_EACH);
        const goesOn = () => renewals < LIFETIMES || replacements < wanted;
        const said = await talk(bot.alice, bot.rooms, MESSAGES, goesOn);
        await bot.answers(said);
        expect(replacements).toBeGreaterThan(0);
        const { length } = [...said.values()].flat();
        expect(auth.received).toBe(length);
        await expect
          .poll(() => auth.outgoing, { timeout: 30_000 })
          .toMatchObject({ delivered: length, length: 0 });
      });

      it('while the bot is down, more than a timeline holds: each handled once after the start, in order', async () => {
        const bot = await stage(clientOf);
        const first = await bot.start();
        const before = await talk(bot.alice, bot.rooms, 2);
        await bot.answers(before);
        await first.stop();
        const meanwhile = await talk(bot.alice, bot.rooms, ROOMS * 30);
        await bot.start();
        const both = bot.rooms.map(
          (room) => [room, [...(before.get(room) ?? []), ...(meanwhile.get(room) ?? [])]] as const,
        );
        await bot.answers(new Map(both));
      });
    });
  },
);

import { MatrixClient } from 'matrix-bot-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { matrixBotSdk } from '../../src/adapters/matrix-bot-sdk/index.ts';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth, credentials, memorySessions, Secret } from '../../src/index.ts';
import type { ClientPort } from '../../src/ports/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { quietLogger } from '../support/bot.ts';
import '../support/bot-sdk.ts';
import { Person } from '../support/rest.ts';
import { textsIn } from '../support/room-texts.ts';

const MESSAGES = 150;
const PER_SECOND = 50;
const LIFETIME_MS = 1_000;
/** The client is replaced once in so many lifetimes. */
const REPLACED_EACH = 3;

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
  `${MESSAGES} messages in and ${MESSAGES} out, over the ends of tokens and with clients that are replaced`,
  { accessTokenLifetimeMs: LIFETIME_MS, testTimeoutMs: 240_000 },
  ({ homeserver, proxy }) => {
    it.each(sdks)(
      'on $name: none is lost, handled twice, sent twice, or out of order',
      async ({ clientOf }) => {
        const user = await freshUser(homeserver());
        const setUp = await Person.signIn(homeserver().url, user, { deviceId: 'ONE' });
        const aliceUser = await freshUser(homeserver());
        const alice = await Person.signIn(homeserver().url, aliceUser);
        const roomId = await alice.createRoom();
        await setUp.join(roomId);
        const sessions = memorySessions();
        const handled: string[] = [];
        const auth = createMatrixAuth({
          homeserver: proxy().url,
          credentials: credentials({ username: user.localpart, password: user.password, deviceId: 'ONE' }),
          sessions,
          logger: false,
          client: clientOf(async (room, eventId, text) => {
            handled.push(text);
            await auth.send(room, { msgtype: 'm.text', body: `re: ${text}` }, { id: eventId });
          }),
        });
        onTestFinished(() => auth.stop());
        await auth.start();

        /** Another process that shares the session has signed in on another device. */
        const replace = async (deviceId: string) => {
          const { tokens } = await Person.signIn(homeserver().url, user, { refreshToken: true, deviceId });
          await sessions.update('default', 'session', (record) => ({
            record: {
              ...record,
              session: {
                userId: tokens.user_id,
                deviceId,
                generation: (record?.session?.generation ?? 0) + 1,
                accessToken: new Secret(tokens.access_token),
                refreshToken: new Secret(tokens.refresh_token ?? ''),
                obtainedAt: Date.now(),
                expiresAt: Date.now() + (tokens.expires_in_ms ?? 0),
              },
            },
            result: undefined,
          }));
        };
        let replacements = 0;
        let renewals = 0;
        auth.on('device-changed', () => {
          replacements += 1;
        });
        auth.on('refreshed', () => {
          renewals += 1;
          if (renewals % REPLACED_EACH === 0) void replace(renewals % 2 === 0 ? 'ONE' : 'TWO');
        });

        const said: string[] = [];
        for (const start = Date.now(); said.length < MESSAGES; ) {
          const due = start + said.length * (1_000 / PER_SECOND);
          await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
          said.push(`message ${said.length}`);
          await alice.say(roomId, said.at(-1) as string);
        }
        const answers = said.map((text) => `re: ${text}`);
        const inRoom = () => textsIn(homeserver().url, roomId, alice, user.userId);
        await expect.poll(inRoom, { timeout: 60_000, interval: 200 }).toContain(answers.at(-1));
        expect(handled).toEqual(said);
        expect(await inRoom()).toEqual(answers);
        expect(replacements).toBeGreaterThan(0);
      },
    );
  },
);

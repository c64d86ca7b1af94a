import { expect, it } from 'vitest';
import { credentials, memorySessions } from '../../../src/index.ts';
import { describeOnBoth, freshUser } from '../../support/both.ts';
import { botSdks, makeSdkBot, type Sdk } from '../../support/bot-sdk.ts';
import { rounds } from '../../support/long.ts';
import { signInElsewhere } from '../../support/other-device.ts';
import { Person } from '../../support/rest.ts';

/** In `npm test` the fork is left out where nothing of it differs. */
const someSdks = rounds<readonly Sdk[]>({ short: botSdks.slice(0, 1), long: botSdks });

const MESSAGES = 200;
const PER_SECOND = 50;

describeOnBoth(
  'the session of matrix-bot-sdk comes back as another device',
  { accessTokenLifetimeMs: 120_000, testTimeoutMs: 120_000 },
  ({ homeserver, proxy }) => {
    it.each(someSdks)(
      `$name: while ${MESSAGES} messages arrive, each is handled once, in order, by the new listeners`,
      async (sdk) => {
        const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
        const alice = await Person.signIn(homeserver().url, aliceUser);
        const roomId = await alice.createRoom([user.userId]);
        const sessions = memorySessions();
        const bot = makeSdkBot(sdk, {
          homeserver: proxy().url,
          credentials: credentials({ username: user.localpart, password: user.password }),
          sessions,
        });
        const first = await bot.auth.start();
        await first.joinRoom(roomId);

        const said: string[] = [];
        const talk = (async () => {
          for (const start = Date.now(); said.length < MESSAGES; ) {
            const due = start + said.length * (1000 / PER_SECOND);
            await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
            said.push(`message ${said.length}`);
            await alice.say(roomId, said.at(-1) as string);
          }
        })();

        await bot.handles(50);
        await signInElsewhere(homeserver().url, user, sessions, 'OTHER');
        await bot.auth.refresh();
        const second = bot.auth.client;
        expect(second).not.toBe(first);
        expect((await second?.getWhoAmI())?.device_id).toBe('OTHER');

        await talk;
        await bot.handles(MESSAGES);
        expect(bot.handled.map(({ text }) => text)).toEqual(said);
        const switched = bot.handled.findIndex(({ client }) => client === 2);
        expect(switched).toBeGreaterThanOrEqual(50);
        expect(new Set(bot.handled.slice(switched).map(({ client }) => client))).toEqual(new Set([2]));
        expect(bot.clients).toBe(2);
      },
    );
  },
);

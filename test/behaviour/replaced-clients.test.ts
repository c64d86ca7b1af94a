import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { ClientEvent, RoomEvent } from 'matrix-js-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { matrixBotSdk } from '../../src/adapters/matrix-bot-sdk/index.ts';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth, credentials, memorySessions } from '../../src/index.ts';
import type { ClientPort } from '../../src/ports/index.ts';
import { canaryPassword } from '../support/both.ts';
import { quietLogger } from '../support/bot.ts';
import { botSdks } from '../support/bot-sdk.ts';
import { signInElsewhere } from '../support/other-device.ts';
import { Person } from '../support/rest.ts';

const REPLACEMENTS = 100;
/** By then everything that is made once has been made. */
const WARM = 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Ears {
  /** There is a client. Returns what is called with each thing that it tells. */
  readonly onClient: (client: object) => (text?: string) => void;
}

const sdks: readonly { readonly name: string; readonly portOf: (ears: Ears) => ClientPort<object> }[] = [
  {
    name: 'matrix-js-sdk',
    portOf: ({ onClient }) =>
      matrixJsSdk({
        create: { logger: quietLogger },
        onClient(client) {
          const tell = onClient(client);
          client.on(ClientEvent.Sync, () => tell());
          client.on(RoomEvent.Timeline, (event) => tell(event.getContent()['body'] as string | undefined));
        },
      }),
  },
  ...botSdks.map((sdk) => ({
    name: sdk.name,
    portOf: ({ onClient }: Ears) =>
      matrixBotSdk({
        create: ({ homeserverUrl, accessToken, storage }) =>
          new sdk.MatrixClient(homeserverUrl, accessToken, storage),
        onClient(client) {
          const tell = onClient(client);
          client.on('room.event', (_room: string, event: { readonly content: { readonly body?: string } }) =>
            tell(event.content.body),
          );
        },
      }),
  })),
];

/** A test homeserver whose memory is not counted here. */
async function homeserverFor(users: readonly { localpart: string; password: string }[]): Promise<string> {
  const workerData = { users, accessTokenLifetimeMs: 600_000 };
  const thread = new Worker(new URL('../support/homeserver-thread.ts', import.meta.url), { workerData });
  onTestFinished(async () => void (await thread.terminate()));
  const [url] = (await once(thread, 'message')) as [string];
  return url;
}

it.each(sdks)(
  `$name: ${REPLACEMENTS} replacements of the client leave nothing behind, and no listener hears a retired one`,
  { timeout: 240_000 },
  async ({ portOf }) => {
    const [user, aliceUser] = ['bot', 'alice'].map((localpart) => ({
      localpart,
      password: canaryPassword(),
    }));
    if (user === undefined || aliceUser === undefined) throw new Error('There are two accounts.');
    const url = await homeserverFor([user, aliceUser]);
    const bob = await Person.signIn(url, user, { deviceId: 'ONE' });
    const alice = await Person.signIn(url, aliceUser);
    const roomId = await alice.createRoom();
    await bob.join(roomId);
    const warnings: string[] = [];
    const warn = ({ name }: Error) => warnings.push(name);
    process.on('warning', warn);
    onTestFinished(() => void process.off('warning', warn));

    const clients: WeakRef<object>[] = [];
    const heard: string[] = [];
    const late: number[] = [];
    const sessions = memorySessions();
    let live = 0;
    const auth = createMatrixAuth<object>({
      homeserver: url,
      credentials: credentials({ username: user.localpart, password: user.password, deviceId: 'ONE' }),
      sessions,
      logger: false,
      client: portOf({
        onClient(client) {
          const number = clients.push(new WeakRef(client));
          return (text) => {
            if (number < live) late.push(number);
            if (text !== undefined) heard.push(`${text} by ${number}`);
          };
        },
      }),
    });
    onTestFinished(() => auth.stop());
    await auth.start();
    const heapUsed = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const said: string[] = [];
    let warm = 0;
    while (clients.length <= REPLACEMENTS) {
      live = clients.length;
      const text = `message ${live}`;
      await alice.say(roomId, text);
      said.push(`${text} by ${live}`);
      await expect.poll(() => heard, { timeout: 30_000, interval: 5 }).toHaveLength(live);
      if (live === WARM) warm = heapUsed();
      await signInElsewhere(url, user, sessions, live % 2 === 0 ? 'ONE' : 'TWO');
      await auth.refresh();
    }
    expect(heard).toEqual(said);
    expect(late).toEqual([]);
    expect(warnings).toEqual([]);
    // A turn of the loop, in which what was retired last comes to its end.
    await expect
      .poll(
        () => {
          collectGarbage();
          return clients.filter((client) => client.deref() !== undefined).length;
        },
        { timeout: 30_000 },
      )
      .toBeLessThan(5);
    // What is left for a while are the time limits of requests, a few kB for each client.
    expect(heapUsed() / warm).toBeLessThan(1.25);
  },
);

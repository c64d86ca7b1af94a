import { type FaultProxy, startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { freshUser } from '../support/both.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { Person, type Tokens } from '../support/rest.ts';
import { startSynapse } from '../synapse/server.ts';
import { printOf } from './held-ports.ts';

const LIFETIME_MS = 300_000;
export const DEVICE = 'BOTDEVICE';

type Homeserver = Pick<RunningHomeserver, 'url' | 'devices' | 'setLocked' | 'setPassword' | 'createUser'>;

/** A homeserver behind a fault proxy, and a person who talks to bots. */
export interface Stage {
  readonly homeserver: Homeserver;
  readonly proxy: FaultProxy;
  readonly alice: Person;
  /** The access tokens of this user expire; their refresh tokens stay good. */
  expire(userId: string, accessToken: string): void;
  stop(): Promise<void>;
}

export async function startStage(real: boolean): Promise<Stage> {
  const own = real ? undefined : await startTestHomeserver({ accessTokenLifetimeMs: LIFETIME_MS });
  const synapse = real ? await startSynapse({ accessTokenLifetimeMs: LIFETIME_MS }) : undefined;
  const homeserver = own === undefined ? (synapse as RunningHomeserver) : faceOf(own);
  const proxy = await startFaultProxy({ target: homeserver.url });
  const alice = await Person.signIn(homeserver.url, await freshUser(homeserver as RunningHomeserver));
  return {
    homeserver,
    proxy,
    alice,
    expire(userId, accessToken) {
      own?.expireTokens(userId);
      // Synapse has no way to end a token before its time: the proxy says what Synapse would say then.
      if (real) refuse(proxy, printOf(accessToken));
    },
    async stop() {
      await proxy.stop();
      await (own ?? synapse)?.stop();
    },
  };
}

function faceOf(own: Awaited<ReturnType<typeof startTestHomeserver>>): Homeserver {
  return {
    url: own.url,
    createUser: async (localpart, password) => own.createUser(localpart, password),
    devices: async (userId) => own.devices(userId),
    setLocked: async (userId, locked) => own.setLocked(userId, locked),
    setPassword: async (userId, password, options) => own.setPassword(userId, password, options),
  };
}

function refuse(proxy: FaultProxy, fingerprint: string): void {
  proxy.inject({
    match: ({ tokenFingerprint }) => tokenFingerprint === fingerprint,
    times: Number.POSITIVE_INFINITY,
    fault: {
      kind: 'answer',
      status: 401,
      body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Access token has expired', soft_logout: true },
    },
  });
}

/** The bot's account and the room that it is in with Alice. */
export interface Account {
  readonly userId: string;
  readonly localpart: string;
  password: string;
  readonly roomId: string;
  /** A session on the bot's device. */
  readonly tokens: Tokens;
}

export async function makeAccount(stage: Stage, refreshToken: boolean): Promise<Account> {
  const { homeserver, alice } = stage;
  const user = await freshUser(homeserver as RunningHomeserver);
  const person = await Person.signIn(homeserver.url, user, { refreshToken, deviceId: DEVICE });
  const roomId = await alice.createRoom([user.userId]);
  await person.join(roomId);
  return { ...user, roomId, tokens: person.tokens };
}

import { startTestHomeserver } from '../src/testing/index.ts';

/** A homeserver that the demonstration has for itself. */
export interface OwnHomeserver {
  readonly label: string;
  readonly url: string;
  createUser(localpart: string, password: string): Promise<string>;
  /** Ends the access tokens of a user now. Resolves with whether this homeserver can do so. */
  expire(userId: string): Promise<boolean>;
  /** Signs a user out everywhere, refresh tokens included. */
  revoke(userId: string): Promise<void>;
  setLocked(userId: string, locked: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** The homeserver cannot be had here; the message says why. */
export class HomeserverUnavailableError extends Error {
  override readonly name = 'HomeserverUnavailableError';
}

export async function ownTestHomeserver(accessTokenLifetimeMs: number): Promise<OwnHomeserver> {
  const homeserver = await startTestHomeserver({ accessTokenLifetimeMs });
  return {
    label: 'the test homeserver of this package',
    url: homeserver.url,
    createUser: async (localpart, password) => homeserver.createUser(localpart, password).userId,
    expire: async (userId) => {
      homeserver.expireTokens(userId);
      return true;
    },
    revoke: async (userId) => homeserver.revokeSession(userId),
    setLocked: async (userId, locked) => homeserver.setLocked(userId, locked),
    stop: () => homeserver.stop(),
  };
}

/** @throws {HomeserverUnavailableError} */
export async function ownSynapse(
  accessTokenLifetimeMs: number,
  print: (line: string) => void,
): Promise<OwnHomeserver> {
  const { ensureSynapse } = await import('../test/synapse/install.ts');
  const { startSynapse } = await import('../test/synapse/server.ts');
  const installation = await ensureSynapse(print);
  if ('unavailable' in installation) {
    throw new HomeserverUnavailableError(
      `Synapse cannot be had on this machine: ${installation.unavailable}. Run without --synapse to see the same on the test homeserver.`,
    );
  }
  print(`Starting Synapse ${installation.version} …`);
  const synapse = await startSynapse({ accessTokenLifetimeMs });
  return {
    label: synapse.label,
    url: synapse.url,
    createUser: async (localpart, password) => (await synapse.createUser(localpart, password)).userId,
    expire: async () => false,
    revoke: async (userId) => {
      for (const device of await synapse.devices(userId)) await synapse.deleteDevice(userId, device);
    },
    setLocked: (userId, locked) => synapse.setLocked(userId, locked),
    stop: () => synapse.stop(),
  };
}

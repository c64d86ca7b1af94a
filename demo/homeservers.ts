import { startTestHomeserver } from '../src/testing/index.ts';

/** A homeserver that the demonstration has for itself. */
export interface OwnHomeserver {
  readonly label: string;
  readonly url: string;
  createUser(localpart: string, password: string): unknown;
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
    createUser: (localpart, password) => homeserver.createUser(localpart, password),
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
  return await startSynapse({ accessTokenLifetimeMs });
}

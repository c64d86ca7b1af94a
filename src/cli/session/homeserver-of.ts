import { statSync } from 'node:fs';
import {
  discoverHomeserver,
  type HomeserverAddress,
  HomeserverAddressError,
  parseHomeserverAddress,
} from '../../adapters/homeserver/index.ts';
import { bare } from '../../ports/as-typed.ts';
import { UnreachableError, UsageError } from '../errors.ts';

const PATIENCE_MS = 10_000;

/**
 * The base URL of the homeserver: of the one that the command line names, else of HOMESERVER_URL, else of the stored
 * session's user, whose id ends with the name of the server.
 * @throws {UsageError} if there is none of these, or it is no address
 * @throws {UnreachableError} if a server name could not be looked up
 */
export async function homeserverOf(server: string | undefined, userId: string | undefined): Promise<string> {
  const fromEnv = bare(process.env['HOMESERVER_URL'] ?? '');
  const named = server ?? (fromEnv === '' ? /^@[^:]*:(.+)$/s.exec(userId ?? '')?.[1] : fromEnv);
  if (named === undefined) {
    throw new UsageError('no homeserver is named. Name it, or set HOMESERVER_URL.');
  }
  const address = addressIn(named);
  if (address.kind === 'url') return address.url;
  const found = await discoverHomeserver(address.serverName, { timeoutMs: PATIENCE_MS });
  if (found.outcome === 'found') return found.url;
  throw new UnreachableError(`${found.why}.`);
}

/**
 * What is named on the command line as a homeserver.
 * @throws {UsageError} if it is none
 */
export function addressIn(named: string): HomeserverAddress {
  checkIsNoFile(named);
  try {
    return parseHomeserverAddress(named);
  } catch (error) {
    if (error instanceof HomeserverAddressError) throw new UsageError(error.message);
    throw error;
  }
}

/** @throws {UsageError} if that is a file here, as a session store is */
export function checkIsNoFile(named: string): void {
  if (statSync(named, { throwIfNoEntry: false })?.isFile() !== true) return;
  throw new UsageError(
    `${named} is a file, and no homeserver. A session store is given with --store ${named}`,
  );
}

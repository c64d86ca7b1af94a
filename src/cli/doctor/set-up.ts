import { CredentialsError, defaultCredentials } from '../../adapters/credentials/index.ts';
import {
  type HomeserverAddress,
  HomeserverAddressError,
  parseHomeserverAddress,
} from '../../adapters/homeserver/index.ts';
import { bare } from '../../ports/as-typed.ts';
import type { Credentials } from '../../ports/index.ts';
import { UsageError } from '../errors.ts';
import { checkIsNoFile } from '../session/homeserver-of.ts';
import type { StoreAddress } from '../source/source.ts';
import type { Finding } from './finding.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a bot would start with. */
export interface SetUp {
  /** `undefined` where none is named, or what is named is none. */
  readonly address: HomeserverAddress | undefined;
  readonly credentials: Credentials;
  readonly store: StoreAddress | undefined;
  /** Nothing but a homeserver was named: there is no bot to look at. */
  readonly serverOnly: boolean;
  readonly findings: readonly Finding[];
}

/**
 * What the command line and the environment say together. A homeserver that is named on the command line takes the place
 * of HOMESERVER_URL, and no token of the environment is sent to it if that is another one.
 * @throws {UsageError} if nothing says what to look at
 */
export function readSetUp(
  server: string | undefined,
  store: StoreAddress | undefined,
  env: Environment,
): SetUp {
  const findings: Finding[] = [];
  if (server !== undefined) checkIsNoFile(server);
  const fromEnv = bare(env['HOMESERVER_URL'] ?? '');
  const given = server ?? (fromEnv === '' ? undefined : fromEnv);
  const address = given === undefined ? undefined : addressIn(given, server === undefined, findings);
  const isElsewhere = server !== undefined && fromEnv !== '' && !isSame(address, fromEnv);
  const found = isElsewhere ? {} : credentialsIn(env, findings);
  const hasAny = found.accessToken !== undefined || found.login !== undefined;
  const serverOnly = server !== undefined && store === undefined && !hasAny && findings.length === 0;
  if (given === undefined && store === undefined && !hasAny && findings.length === 0) {
    throw new UsageError(
      'there is nothing to look at. Name a homeserver, or a session store with --store, or set HOMESERVER_URL and what the bot signs in with.',
    );
  }
  if (isElsewhere) {
    findings.push({
      level: 'note',
      code: 'credentials-left-out',
      says: 'HOMESERVER_URL names another homeserver than the command line, so what the environment has to sign in with is left out. Leave the name out to look at that set-up.',
    });
  }
  return { address, credentials: found, store, serverOnly, findings };
}

function addressIn(given: string, isVariable: boolean, findings: Finding[]): HomeserverAddress | undefined {
  try {
    return parseHomeserverAddress(given);
  } catch (error) {
    if (!(error instanceof HomeserverAddressError)) throw error;
    if (!isVariable) throw new UsageError(error.message);
    findings.push({
      level: 'attention',
      code: 'address-unusable',
      says: error.message,
      toDo: 'Set HOMESERVER_URL to the base URL of the homeserver, or to its server name.',
    });
    return undefined;
  }
}

function isSame(address: HomeserverAddress | undefined, fromEnv: string): boolean {
  try {
    return JSON.stringify(parseHomeserverAddress(fromEnv)) === JSON.stringify(address);
  } catch {
    return false;
  }
}

function credentialsIn(env: Environment, findings: Finding[]): Credentials {
  try {
    return defaultCredentials(true, env);
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    findings.push({
      level: 'attention',
      code: 'credentials-unusable',
      says: error.message,
      toDo: 'Mend that: the bot does not start with it.',
    });
    return {};
  }
}

import {
  type HomeserverAddress,
  HomeserverAddressError,
  parseHomeserverAddress,
} from '../adapters/homeserver/index.ts';

/** The last one that was parsed: the sessions of a process often have the same. */
let latest: { readonly given: string; readonly address: HomeserverAddress } | undefined;

/**
 * The homeserver's address as the option or the environment's `HOMESERVER_URL` has it.
 * @throws {HomeserverAddressError} if it is missing, or is no address
 */
export function homeserverAddress(given = process.env['HOMESERVER_URL']): HomeserverAddress {
  if (given === undefined || given.trim() === '') {
    throw new HomeserverAddressError(
      'The homeserver is not known. Set HOMESERVER_URL, or the option "homeserver", to its base URL, such as https://matrix.example.org, or to its server name.',
    );
  }
  if (latest?.given !== given) latest = { given, address: parseHomeserverAddress(given) };
  return latest.address;
}

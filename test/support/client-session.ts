import type { ClientSession, ClientTrouble } from '../../src/ports/index.ts';
import { Secret } from '../../src/index.ts';
import type { Tokens } from './rest.ts';

export interface TestSession extends ClientSession {
  /** The positions that were saved, in order. */
  readonly positions: readonly string[];
  /** The positions at which it was said that nothing is left to be repeated. */
  readonly ends: readonly (string | undefined)[];
  readonly troubles: readonly ClientTrouble[];
}

/** A session as a client port is given it, whose token never changes. */
export function clientSession(
  homeserverUrl: string,
  { user_id: userId, device_id: deviceId, access_token: accessToken }: Tokens,
  since?: string,
  interrupted = false,
): TestSession {
  const positions: string[] = [];
  const ends: (string | undefined)[] = [];
  const troubles: ClientTrouble[] = [];
  return {
    homeserverUrl,
    userId,
    deviceId,
    accessToken: new Secret(accessToken),
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${accessToken}`);
      return fetch(input, { ...init, headers });
    },
    position: {
      open: async () => (since === undefined ? undefined : { since, interrupted }),
      begin: async (position) => void positions.push(position),
      save: (position) => positions.push(position),
      close: async () => void ends.push(positions.at(-1)),
    },
    onDied: () => {},
    onTrouble: (trouble) => troubles.push(trouble),
    positions,
    ends,
    troubles,
  };
}

/** How a session connects where nothing is special. */
export const connectNow = () => ({ replace: false, passive: false, signal: new AbortController().signal });

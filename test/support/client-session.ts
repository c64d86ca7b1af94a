import type { ClientSession, ClientTrouble } from '../../src/ports/index.ts';
import { Secret } from '../../src/index.ts';
import type { Tokens } from './rest.ts';

export interface TestSession extends ClientSession {
  /** The positions that were saved, in order. */
  readonly positions: readonly string[];
  readonly troubles: readonly ClientTrouble[];
}

/** A session as a client port is given it, whose token never changes. */
export function clientSession(
  homeserverUrl: string,
  { user_id: userId, device_id: deviceId, access_token: accessToken }: Tokens,
  since?: string,
): TestSession {
  const positions: string[] = [];
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
    position: { load: () => Promise.resolve(since), save: (position) => positions.push(position) },
    onDied: () => {},
    onTrouble: (trouble) => troubles.push(trouble),
    positions,
    troubles,
  };
}

/** How a session connects where nothing is special. */
export const connectNow = () => ({ replace: false, passive: false, signal: new AbortController().signal });

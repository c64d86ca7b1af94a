import { sha256 } from '../ports/index.ts';

/**
 * The device that a bot logs in on when nobody named one: always the same for an account and a session name, so that
 * a bot that keeps nothing between its starts does not leave a device behind at each of them.
 */
export function deviceIdFor(homeserverUrl: string, username: string, sessionName: string): string {
  const digest = sha256([homeserverUrl, username, sessionName].join('\n'));
  return `MAM${digest.slice(0, 12).toUpperCase()}`;
}

import type { World } from '../world.ts';
import type { OAuthServer, PendingSignIn } from './oauth-server.ts';

/** What a test can do to the OAuth 2.0 server of a test homeserver, and what a person does there. */
export interface OAuthControl {
  /** The sign-ins by device grant that wait for a person. */
  readonly pending: readonly PendingSignIn[];
  /** How many clients were registered. */
  readonly registrations: number;
  /** Whether the homeserver cannot ask about tokens: everything that needs one is 503. Default `false`. */
  introspectionDown: boolean;
  /**
   * A person approves, as this user.
   * @param userCode Default: that of the only sign-in that waits.
   * @throws Error if none waits, or if it is not clear which
   */
  approve(userId: string, userCode?: string): void;
  /** A person denies. Its parameters are those of `approve`. */
  deny(userCode?: string): void;
  /** The codes that wait for a person are good no longer. */
  expireDeviceCodes(): void;
  /** Clients have to register anew; until then they are refused with `invalid_client`. */
  forgetClients(): void;
}

export function oauthControl(world: World, server: OAuthServer): OAuthControl {
  const only = () => {
    const [first, ...others] = server.pending;
    if (first === undefined) throw new Error('No sign-in waits for a person.');
    if (others.length > 0) throw new Error('Several sign-ins wait for a person: say which by its code.');
    return first.userCode;
  };
  return {
    get pending() {
      return server.pending;
    },
    get registrations() {
      return server.registrations;
    },
    get introspectionDown() {
      return server.introspectionDown;
    },
    set introspectionDown(down) {
      server.introspectionDown = down;
    },
    approve: (userId, userCode) =>
      server.decide(userCode ?? only(), { userId: world.accounts.get(userId).userId }),
    deny: (userCode) => server.decide(userCode ?? only(), 'denied'),
    expireDeviceCodes: () => server.expireDeviceCodes(),
    forgetClients: () => server.forgetClients(),
  };
}

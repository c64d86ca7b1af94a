import type { SnapshotFrom } from 'xstate';
import { guards } from '../guards.ts';
import type { authMachine } from '../machine.ts';
import { expiryOf } from '../schedule.ts';
import type { Session } from '../session.ts';

/**
 * What the machine's next decisions depend on, without generations, counters and times: enough to tell apart the states
 * from which it goes on differently.
 */
export function authStateKey(snapshot: SnapshotFrom<typeof authMachine>): string {
  const { value, context } = snapshot;
  const { session, canLogIn, canAuthorize, tokenGiven, verified, loginRefused, token } = context;
  const loginIsRefused = loginRefused !== undefined;
  // What is known of the token is forgotten on the way out of these.
  if (snapshot.matches('restoring') || snapshot.matches('failed') || snapshot.matches('stopped')) {
    return JSON.stringify([
      value,
      session === undefined,
      canLogIn,
      canAuthorize,
      verified,
      loginIsRefused,
      token.everAccepted,
    ]);
  }
  return JSON.stringify([
    value,
    session && [
      session.refreshable,
      isOver(session),
      guards.currentTokenRenewable({ context }, session),
      guards.freshTokenDead({ context }, dead),
      guards.tokensNeverAccepted({ context }, dead),
      guards.expiryReached({ context }),
      token.dead,
      token.lifetimeTrusted,
    ],
    canLogIn,
    canAuthorize,
    tokenGiven && [context.failures > 0],
    verified,
    token.refreshRefused,
    loginIsRefused,
    // A question that is still open matters where the token serves.
    snapshot.hasTag('usable') && token.doubted,
    // A client that ends matters where there is one,
    (snapshot.hasTag('live') || snapshot.matches({ reconnecting: 'connecting' })) &&
      guards.clientEndsAtOnce({ context }),
    // and one that has ended, and a wait that the server asked for, where the old token may go on to serve.
    snapshot.matches({ refreshing: { service: 'ahead' } }) && [
      context.client.replace,
      (context.notBefore ?? 0) > Date.now(),
    ],
  ]);
}

const dead = {
  outcome: 'refused',
  rejection: { endpoint: 'whoami', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
} as const;

/** `undefined` where the token does not expire. */
function isOver(session: Session): boolean | undefined {
  const expiresAt = expiryOf(session);
  return expiresAt === undefined ? undefined : expiresAt <= Date.now();
}

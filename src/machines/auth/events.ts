import type { FailureReason } from './failures.ts';
import type { Rejection } from './rejections.ts';
import type { Session } from './session.ts';

/** What goes into the machine. No event carries a secret. */
export type AuthEvent =
  /** A request with the token of this generation was refused, and the refusal is about the session. */
  | { readonly type: 'token.rejected'; readonly generation: number; readonly rejection: Rejection }
  /** The token of this generation was refused by an endpoint that is not believed: ask `whoami`, and nothing else. */
  | { readonly type: 'token.doubted'; readonly generation: number }
  /** The first answer that proves the token of this generation good. */
  | { readonly type: 'token.confirmed'; readonly generation: number }
  /** Somebody wants a new token now, while the old one still works. */
  | { readonly type: 'refresh' }
  /** Another process (or another use of the same store) renewed the session. */
  | { readonly type: 'session.adopted'; readonly session: Session }
  /** There are new credentials; the adapter that keeps them knows which. `token`: an access token is among them. */
  | {
      readonly type: 'credentials.provided';
      readonly canLogIn: boolean;
      readonly canAuthorize?: boolean;
      readonly token?: boolean;
    }
  /** A person says that the cause of the failure is mended, or does not want to wait any longer. */
  | { readonly type: 'retry' }
  /** The client's sync loop has ended by itself and cannot be revived in place. */
  | { readonly type: 'client.died' }
  /** The client's sync loop is to begin or to end in this process. */
  | { readonly type: 'leadership.changed' }
  /** The session was logged out on purpose, and nothing is stored any more. */
  | { readonly type: 'logged.out' }
  | { readonly type: 'stop' };

/** What the machine says to whoever listens (`actor.on`). */
export type AuthEmitted =
  | { readonly type: 'refreshed'; readonly session: Session }
  | { readonly type: 'logged-in'; readonly session: Session }
  | { readonly type: 'adopted'; readonly session: Session }
  | { readonly type: 'device-changed'; readonly from: string | undefined; readonly to: string | undefined }
  | { readonly type: 'locked' }
  | { readonly type: 'failed'; readonly reason: FailureReason; readonly advice: string }
  | { readonly type: 'warning'; readonly warning: Warning };

/** Something an operator should know although the bot goes on. */
export interface Warning {
  readonly kind:
    | 'refresh-refused'
    | 'refresh-unsupported'
    | 'login-refused'
    | 'breaker'
    | 'unpersisted'
    | 'lifetime-implausible'
    | 'given-token-refused'
    | 'given-token-of-another-user';
  /** Says what happened, why, and what happens next. */
  readonly message: string;
}

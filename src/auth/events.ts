import type { AuthEmitted, Warning } from '../machines/index.ts';
import type { AuthSnapshot, Frame } from '../observe/index.ts';
import type { AuthorizationRequest } from '../ports/index.ts';

/** What `auth.on` can tell. */
export type MatrixAuthEvents = {
  readonly [Type in Exclude<AuthEmitted['type'], 'warning'>]: Extract<AuthEmitted, { readonly type: Type }>;
} & {
  /** The state has changed. */
  readonly state: AuthSnapshot;
  /**
   * What may be seen of the session, at each step that changes anything. Its counters begin with the first listener,
   * and its `bot` is the session's name.
   */
  readonly frame: Frame;
  /** Something an operator should know although the bot goes on. */
  readonly warning: { readonly type: 'warning'; readonly warning: Warning };
  /** A person has to do something, so that the session can be signed in. Without a listener it is logged. */
  readonly authorization: { readonly type: 'authorization' } & AuthorizationRequest;
  /** With the option `leader`: this process begins or ceases to sync. */
  readonly leader: { readonly type: 'leader'; readonly leading: boolean };
  /** `cause`: what an adapter threw, where that is the reason. */
  readonly failed: Extract<AuthEmitted, { readonly type: 'failed' }> & { readonly cause?: unknown };
};

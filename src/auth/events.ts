import type { MessageOutcome } from '../adapters/outbox/index.ts';
import type { AuthEmitted, Warning } from '../machines/auth/index.ts';
import type { AuthSnapshot, Frame } from '../observe/index.ts';
import type { AuthorizationRequest } from '../ports/index.ts';
import type { SessionTroubleCode } from './voice/codes.ts';

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
  /**
   * Something keeps the session from going on, and has lasted: told at first, when it changes, hourly, and when it is over.
   * `code` is a section of `docs/troubleshooting.md`. Without a listener it is logged.
   */
  readonly trouble: {
    readonly type: 'trouble';
    readonly code: SessionTroubleCode;
    readonly message: string;
    readonly over: boolean;
  };
  /** A person has to do something, so that the session can be signed in. Without a listener it is logged. */
  readonly authorization: { readonly type: 'authorization' } & AuthorizationRequest;
  /** What has become of a message of `send()`; also of one that an earlier process has queued. */
  readonly outgoing: {
    readonly type: 'outgoing';
    readonly id: string;
    readonly roomId: string;
  } & MessageOutcome;
  /** With the option `leader`: this process begins or ceases to sync. */
  readonly leader: { readonly type: 'leader'; readonly leading: boolean };
  /** `cause`: what an adapter threw, where that is the reason. */
  readonly failed: Extract<AuthEmitted, { readonly type: 'failed' }> & { readonly cause?: unknown };
};

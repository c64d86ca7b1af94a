import type { AuthEmitted } from '../machines/index.ts';
import type { AuthSnapshot } from './snapshot.ts';

/** What `auth.on` can tell. */
export type MatrixAuthEvents = {
  readonly [Type in AuthEmitted['type']]: Extract<AuthEmitted, { readonly type: Type }>;
} & {
  /** The state has changed. */
  readonly state: AuthSnapshot;
  /** With the option `leader`: this process begins or ceases to sync. */
  readonly leader: { readonly type: 'leader'; readonly leading: boolean };
  /** `cause`: what an adapter threw, where that is the reason. */
  readonly failed: Extract<AuthEmitted, { readonly type: 'failed' }> & { readonly cause?: unknown };
};

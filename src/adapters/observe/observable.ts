import type { ActorRefFrom } from 'xstate';
import type { authMachine } from '../../machines/index.ts';

/** What can be observed: any `MatrixAuth` fits. */
export interface Observable {
  /** The state now, as it may be shown to anybody. */
  snapshot(): ObservedSnapshot;
  /** The XState actor of the machine. */
  readonly actor: ActorRefFrom<typeof authMachine>;
}

/** The part of an `AuthSnapshot` that is looked at. Whatever else it holds goes nowhere. */
export interface ObservedSnapshot {
  readonly state: string;
  readonly detail: string;
  readonly since: number;
  readonly userId?: string;
  readonly deviceId?: string;
  readonly generation?: number;
  readonly fingerprint?: string;
  readonly expiresAt?: number;
  readonly trouble?: string;
  readonly reason?: string;
  readonly next?: { readonly what: string; readonly at: number };
  /** How many requests wait for a token now. */
  readonly held?: number;
}

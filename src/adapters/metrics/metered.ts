import type { ActorRefFrom } from 'xstate';
import type { authMachine } from '../../machines/index.ts';

/** What can be measured: any `MatrixAuth` fits. */
export interface Metered {
  /** The XState actor of the machine. */
  readonly actor: ActorRefFrom<typeof authMachine>;
  /** How many requests wait for a token now. */
  readonly held?: number;
}

import type { ActorRefFrom } from 'xstate';
import type { authMachine } from '../machines/index.ts';

/** What can be observed: any `MatrixAuth` fits. */
export interface Observable {
  /** The XState actor of the machine. */
  readonly actor: ActorRefFrom<typeof authMachine>;
  /** How many requests wait for a token now. */
  readonly held?: number;
}

/** A state of the machine, as XState has it. */
export type MachineSnapshot = ReturnType<Observable['actor']['getSnapshot']>;

import type { SnapshotFrom } from 'xstate';
import {
  advice,
  type authMachine,
  detailOf,
  type FailureReason,
  type Next,
  nextOf,
} from '../machines/index.ts';

/** The state of a session as it may be shown to anybody: no secret is in it. */
export interface AuthSnapshot {
  /** The top-level state. */
  readonly state: AuthState;
  /** The whole state value, such as `refreshing.required.exchanging`. */
  readonly detail: string;
  /** When it came into this `detail`, in ms since the epoch. */
  readonly since: number;
  readonly userId?: string;
  readonly deviceId?: string;
  readonly generation?: number;
  readonly fingerprint?: string;
  /** When the access token expires, in ms since the epoch. Absent: it does not, or nobody knows. */
  readonly expiresAt?: number;
  /** Why the last attempt brought nothing. */
  readonly trouble?: string;
  /** In `failed`: why, and what to do about it. */
  readonly reason?: FailureReason;
  readonly advice?: string;
  /** What happens next by itself, and when (ms since the epoch). */
  readonly next?: Next;
}

export type AuthState =
  | 'restoring'
  | 'valid'
  | 'refreshing'
  | 'reconnecting'
  | 'locked'
  | 'failed'
  | 'stopped';

type MachineSnapshot = SnapshotFrom<typeof authMachine>;

export function snapshotOf(machine: MachineSnapshot, since: number): AuthSnapshot {
  const { session, trouble, reason } = machine.context;
  const state = (
    typeof machine.value === 'string' ? machine.value : Object.keys(machine.value)[0]
  ) as AuthState;
  const detail = detailOf(machine.value);
  const next = nextOf(detail, machine.context, since);
  return {
    state,
    detail,
    since,
    ...(session?.userId === undefined ? {} : { userId: session.userId }),
    ...(session?.deviceId === undefined ? {} : { deviceId: session.deviceId }),
    ...(session === undefined ? {} : { generation: session.generation, fingerprint: session.fingerprint }),
    ...(session?.expiresAt === undefined ? {} : { expiresAt: session.expiresAt }),
    ...(trouble === undefined ? {} : { trouble }),
    ...(reason === undefined || state !== 'failed' ? {} : { reason, advice: advice[reason] }),
    ...(next === undefined ? {} : { next }),
  };
}

import type { SnapshotFrom } from 'xstate';
import {
  advice,
  type AuthContext,
  type authMachine,
  type FailureReason,
  type Next,
  nextOf,
  type Session,
} from '../machines/auth/index.ts';
import { detailOf, matching, numberOf, reasonOf, stateOf } from './allowed-values.ts';
import { compact } from './compact.ts';
import { textOf } from './shown-text.ts';

/** The state of the machine, as XState has it. */
export type MachineSnapshot = SnapshotFrom<typeof authMachine>;

type TopLevel<Value> = Value extends string ? Value : keyof Value;

/** The top-level states of the machine. */
export type AuthState = TopLevel<MachineSnapshot['value']>;

/** The state of a session as it may be shown to anybody: it holds no secret. */
export interface AuthSnapshot {
  /** The top-level state. */
  readonly state: AuthState;
  /** The whole state value, such as `refreshing.required.exchanging`. */
  readonly detail: string;
  /** When it came into this `detail`, in ms since the epoch. */
  readonly since: number;
  readonly userId?: string;
  readonly deviceId?: string;
  /** Counts the tokens of this session. */
  readonly generation?: number;
  /** Eight hexadecimal digits that tell this access token from others. */
  readonly fingerprint?: string;
  /** When the access token was asked for, in ms since the epoch. */
  readonly obtainedAt?: number;
  /** When the access token expires, in ms since the epoch. Absent: it does not, or nobody knows. */
  readonly expiresAt?: number;
  /** Why the last attempt failed. */
  readonly trouble?: string;
  /** In `failed`: why, and what to do about it. */
  readonly reason?: FailureReason;
  readonly advice?: string;
  /** What happens next by itself, and when (ms since the epoch). */
  readonly next?: Next;
}

const USER_ID = /^@[!-9;-~]{0,254}:[\w.:[\]-]{1,255}$/;
const DEVICE_ID = /^[!-~]{1,255}$/;
const FINGERPRINT = /^[0-9a-f]{8}$/;

/** Copies what is on the list, field by field, each only if it has the form that it should have. */
export function snapshotOf(machine: MachineSnapshot, since: number): AuthSnapshot {
  const { context } = machine;
  const { state, detail } = whereIs(machine);
  const { session } = context;
  const reason = state === 'failed' ? reasonOf(context.failureReason) : undefined;
  return compact({
    state,
    detail,
    since,
    ...sessionFields(session),
    trouble:
      machine.status === 'error' ? 'the machine has stopped by a bug' : textOf(context.lastTrouble, 300),
    reason,
    advice: reason && advice[reason],
    next: nextStep(detail, context, since),
  });
}

/** The state and the detail. A machine that broke is stopped, whatever its last state was. */
export function whereIs(machine: MachineSnapshot): Pick<AuthSnapshot, 'state' | 'detail'> {
  const detail = machine.status === 'error' ? undefined : detailOf(machine.value);
  const state = stateOf(detail?.split('.')[0]);
  return detail === undefined || state === undefined
    ? { state: 'stopped', detail: 'stopped' }
    : { state, detail };
}

function sessionFields(session: Session | undefined) {
  return {
    userId: matching(session?.userId, USER_ID),
    deviceId: matching(session?.deviceId, DEVICE_ID),
    generation: numberOf(session?.generation),
    fingerprint: matching(session?.fingerprint, FINGERPRINT),
    obtainedAt: numberOf(session?.obtainedAt),
    expiresAt: numberOf(session?.expiresAt),
  };
}

function nextStep(detail: string, context: AuthContext, since: number): Next | undefined {
  try {
    const next = nextOf(detail, context, since);
    return numberOf(next?.at) === undefined ? undefined : next;
  } catch {
    // What it is worked out from has not the form that it should have.
    return undefined;
  }
}

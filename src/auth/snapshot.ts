import type { SnapshotFrom } from 'xstate';
import {
  advice,
  type authMachine,
  backoffMs,
  breakerMs,
  expiryDueAt,
  type FailureReason,
  renewalDueAt,
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
  readonly next?: {
    readonly what: 'refresh' | 'log in' | 'try again' | 'ask whether it is unlocked';
    readonly at: number;
  };
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
  const next = nextOf(machine, since);
  return {
    state,
    detail: detailOf(machine),
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

/** The state value as a path; parallel regions follow one another. */
export function detailOf(machine: MachineSnapshot): string {
  const flat = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...flat(inner)])
      : [String(value)];
  return flat(machine.value)
    .filter((name) => name !== 'service' && name !== 'renewal')
    .join('.');
}

function nextOf(machine: MachineSnapshot, since: number): AuthSnapshot['next'] {
  const { session, schedule, salt, failures, notBefore, earlyDeaths } = machine.context;
  if (machine.matches({ valid: 'scheduled' }) && session !== undefined) {
    const at = session.refreshable ? renewalDueAt(session, schedule, salt) : expiryDueAt(session, schedule);
    return at === undefined ? undefined : { what: session.refreshable ? 'refresh' : 'log in', at };
  }
  if (
    machine.matches({ refreshing: { renewal: 'backingOff' } }) ||
    machine.matches({ restoring: 'backingOff' }) ||
    machine.matches({ reconnecting: 'backingOff' })
  ) {
    return {
      what: 'try again',
      at: since + backoffMs(failures, schedule, { now: since, salt, notBefore, session }),
    };
  }
  if (machine.matches({ refreshing: { renewal: 'coolingDown' } })) {
    return { what: 'try again', at: since + breakerMs(earlyDeaths, schedule) };
  }
  if (machine.matches({ locked: 'waiting' })) {
    return { what: 'ask whether it is unlocked', at: Math.max(since + schedule.lockProbeMs, notBefore ?? 0) };
  }
  return undefined;
}

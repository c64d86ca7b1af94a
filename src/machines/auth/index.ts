export { wallClock } from './clock.ts';
export type { AuthContext, AuthInput } from './context.ts';
export type { AuthEmitted, AuthEvent, Warning } from './events.ts';
export { advice, type FailureReason, failureOf } from './failures.ts';
export { authMachine } from './machine.ts';
export { type Next, nextOf, type NextStep, statePath } from './waits.ts';
export type {
  ConnectOutcome,
  IdentifyOutcome,
  Outcome,
  Refused,
  RenewOutcome,
  RestoreOutcome,
  Trouble,
} from './services.ts';
export {
  type Endpoint,
  type Meaning,
  meaningOf,
  type Rejection,
  type RejectionRow,
  rejections,
  rejectionText,
  rowOf,
} from './rejections.ts';
export {
  backoffMs,
  breakerMs,
  defaultSchedule,
  expiryDueAt,
  renewalDueAt,
  requestTimeoutMs,
  type Schedule,
} from './schedule.ts';
export type { Session } from './session.ts';
export type { AuthTag } from './setup.ts';

export { wallClock } from './clock.ts';
export type { AuthContext, AuthInput } from './context.ts';
export type { AuthEmitted, AuthEvent, Warning } from './events.ts';
export { advice, type FailureReason } from './failures.ts';
export { authMachine } from './machine.ts';
export { detailOf, type Next, nextOf, type NextStep } from './waits.ts';
export type {
  ConnectOutcome,
  IdentifyOutcome,
  Refused,
  RenewOutcome,
  RestoreOutcome,
  Trouble,
} from './services.ts';
export {
  type Endpoint,
  inWords,
  type Meaning,
  meaningOf,
  type Rejection,
  type RejectionRow,
  rejections,
  rowOf,
} from './rejections.ts';
export {
  backoffMs,
  breakerMs,
  defaultSchedule,
  expiryDueAt,
  renewalDueAt,
  type Schedule,
} from './schedule.ts';
export type { Session } from './session.ts';
export type { AuthTag } from './setup.ts';

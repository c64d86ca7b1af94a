/**
 * What the adapters of client libraries share: an initial sync that is no news, gaps that are filled, invitations
 * that are not lost. It imports no client library.
 * @module
 */
export { abortable, settlesWithin } from './abortable.ts';
export { askUntilAnswered, pause } from './ask-until-answered.ts';
export { beginningOf, type Resumed } from './begin-sync.ts';
export { callAll } from './call-all.ts';
export { Deliveries, type Delivery } from './deliveries.ts';
export { firstSync } from './first-sync.ts';
export { fillGaps } from './gaps.ts';
export { PendingInvitations } from './invitations.ts';
export { type ClientConnection, keepClient } from './keep-client.ts';
export { LastEvents } from './last-events.ts';
export { Progress } from './progress.ts';
export { isRepeated, markRepeated, uncachedTimeoutMs } from './repeated.ts';
export type { SyncAnswer } from './sync-answer.ts';
export { PendingToDevice } from './to-device.ts';
export { failureOf, failureOfError, SyncTroubleReport } from './sync-trouble.ts';

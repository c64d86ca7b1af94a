/**
 * What the adapters of client libraries share: an initial sync that is no news, gaps that are filled, invitations
 * that are not lost. It imports no client library.
 * @module
 */
export { beginningOf, type Resumed } from './begin-sync.ts';
export { firstSync } from './first-sync.ts';
export { fillGaps } from './gaps.ts';
export { PendingInvitations } from './invitations.ts';
export type { SyncAnswer } from './sync-answer.ts';
export { failureOf, failureOfError, SyncTroubleReport } from './sync-trouble.ts';

/**
 * A queue of messages that are to be sent.
 * @module
 */
export type { OutboxLimits, SendOptions, Sent } from './options.ts';
export { Outbox, type OutboxOptions } from './outbox.ts';
export { MessageExpiredError, MessageRefusedError, type MessageOutcome, OutboxFullError } from './outcome.ts';

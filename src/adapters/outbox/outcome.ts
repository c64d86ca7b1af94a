/** What has become of a message, once and for all. */
export type MessageOutcome =
  | { readonly outcome: 'delivered'; readonly eventId: string }
  /** The homeserver does not take it, and will not later; or it must not be sent. */
  | { readonly outcome: 'refused'; readonly why: string; readonly status?: number; readonly errcode?: string }
  /** It became too old. `maybeSent`: a request was sent whose answer never came. */
  | { readonly outcome: 'expired'; readonly maybeSent: boolean };

/** The homeserver does not take the message, and will not later. */
export class MessageRefusedError extends Error {
  override readonly name = 'MessageRefusedError';
  readonly id: string;
  readonly status: number | undefined;
  readonly errcode: string | undefined;

  constructor(
    id: string,
    { why, status, errcode }: Extract<MessageOutcome, { readonly outcome: 'refused' }>,
  ) {
    super(`The message was not sent: ${why}. It is not tried again.`);
    this.id = id;
    this.status = status;
    this.errcode = errcode;
  }
}

/** The message has waited for too long. */
export class MessageExpiredError extends Error {
  override readonly name = 'MessageExpiredError';
  readonly id: string;
  /** A request was sent whose answer never came: it may be in the room. */
  readonly maybeSent: boolean;

  constructor(id: string, { maybeSent }: Extract<MessageOutcome, { readonly outcome: 'expired' }>) {
    super(
      maybeSent
        ? 'The message became too old before the homeserver said that it has it. It may have been sent.'
        : 'The message became too old before it could be sent, and was not.',
    );
    this.id = id;
    this.maybeSent = maybeSent;
  }
}

/** More messages wait than may. */
export class OutboxFullError extends Error {
  override readonly name = 'OutboxFullError';

  constructor(most: number) {
    super(
      `${most} messages already wait to be sent, and no more may (option "outgoing.maxMessages"). This one was not queued.`,
    );
  }
}

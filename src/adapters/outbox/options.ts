/** What the author of the bot may decide of all messages. */
export interface OutboxLimits {
  /** How many messages may wait. */
  readonly maxMessages: number;
  /** How long a message may wait, in ms. */
  readonly maxAgeMs: number;
}

export interface SendOptions {
  /** The type of the event. Default `m.room.message`. */
  readonly type?: string;
  /**
   * The same for the same message, such as one made of the id of the event that is answered: it is sent once, also if the
   * handler runs again after a kill. Default: a random one.
   */
  readonly id?: string;
  /** How long it may wait, in ms. Default: the option `outgoing.maxAgeMs`. */
  readonly maxAgeMs?: number;
}

/** A message that the homeserver has. */
export interface Sent {
  readonly id: string;
  readonly eventId: string;
}

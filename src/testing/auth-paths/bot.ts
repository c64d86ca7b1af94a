/** What a bot is given to sign in with. Use what your bot uses; the rest may be left alone. */
export interface BotAccount {
  /** Base URL of the homeserver: a fault proxy on 127.0.0.1. A bot that goes elsewhere is not tested. */
  readonly homeserverUrl: string;
  /** The localpart. */
  readonly username: string;
  readonly password: string;
  /** `@username:localhost` */
  readonly userId: string;
  /** A token of a session that was opened for the bot, on the device `deviceId`. */
  readonly accessToken?: string;
  /** The refresh token of that session. */
  readonly refreshToken?: string;
  readonly deviceId: string;
  /**
   * The same as environment variables: `HOMESERVER_URL`, `MATRIX_USERNAME`, `MATRIX_PASSWORD`, `ACCESS_TOKEN`,
   * `MATRIX_REFRESH_TOKEN`, `MATRIX_DEVICE_ID`.
   */
  readonly env: Readonly<Record<string, string>>;
}

/** What a probe has to try the bot with. It speaks as a person in a room with the bot, past the fault proxy. */
export interface ProbeContext {
  /** Base URL of the homeserver itself: no fault is met here. */
  readonly homeserverUrl: string;
  readonly roomId: string;
  readonly botUserId: string;
  /** The person who asks, and an access token of theirs. */
  readonly userId: string;
  readonly accessToken: string;
  /** Aborts when the time for an answer is over. */
  readonly signal: AbortSignal;
}

/** A message of the bot in the room. */
export interface BotMessage {
  readonly body: string;
  /** The event that it is a reply to. */
  readonly inReplyTo?: string;
}

/** A bot to walk through the auth paths, and how to know whether it is alive. */
export interface BotUnderTest<Handle = unknown> {
  /**
   * Starts the bot with this account. It is in a room with a person already. May be called for several accounts at
   * once. What it returns is given to `stop`.
   */
  readonly start: (account: BotAccount) => Handle | Promise<Handle>;
  /** Stops the bot. Default: nothing is done. */
  readonly stop?: (handle: Handle) => unknown;
  /** Resolves when the bot has ended without being told to, with words such as "exit code 1". Default: never. */
  readonly ended?: (handle: Handle) => Promise<string>;
  /** The message that the bot is to answer; `id` is different each time. Default: `Are you there? (${id})`. */
  readonly question?: (id: string) => string;
  /**
   * Whether this message answers that question. Default: it replies to the question's event, or holds its text.
   */
  readonly isAnswer?: (
    message: BotMessage,
    question: { readonly id: string; readonly text: string },
  ) => boolean;
  /**
   * Tries the bot in another way than by a message: resolves when it has answered, rejects when it has not.
   * `question` and `isAnswer` are not used then, and an answer given twice is not noticed.
   */
  readonly probe?: (context: ProbeContext) => Promise<unknown>;
  /** How long an answer may take, in milliseconds, each time. Default 20,000. */
  readonly patienceMs?: number;
  /** How long the bot may take until its first sync is done, in milliseconds. Default 30,000. */
  readonly startTimeoutMs?: number;
}

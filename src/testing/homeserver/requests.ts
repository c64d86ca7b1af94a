/** A request as the test homeserver saw it. It holds no token and no body. */
export interface HomeserverRequest {
  /** When it arrived, in milliseconds since the epoch, by the homeserver's clock. */
  readonly at: number;
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  /** The status of the answer; absent while there is none, and for good if the client went away. */
  readonly status?: number;
  /** The `errcode` of the answer, if it had one. */
  readonly errcode?: string;
  /** Whose access token it carried, or who logged in or refreshed; absent if that is not known. */
  readonly userId?: string;
  readonly deviceId?: string;
  /** Fingerprint of the access token it carried (eight hexadecimal digits of its SHA-256). */
  readonly tokenFingerprint?: string;
}

/** The same while it is being answered. */
export type OpenRequest = { -readonly [Key in keyof HomeserverRequest]: HomeserverRequest[Key] };

/** A session as the machine sees it: everything but the tokens. */
export interface Session {
  /** Absent while it is not known yet: an access token was given, and the homeserver not asked whose it is. */
  readonly userId?: string;
  /** Absent for a token without a device (an administrator's token, say), or while it is not known yet. */
  readonly deviceId?: string;
  /** Counts the tokens of this session; each refresh and each login adds one. */
  readonly generation: number;
  /** Eight hexadecimal digits that tell this access token from others, see `Secret.fingerprint`. */
  readonly fingerprint: string;
  /** When the request that brought this token was sent, in ms since the epoch. */
  readonly obtainedAt: number;
  /** When the access token expires, in ms since the epoch. Absent: the server said nothing, so it does not. */
  readonly expiresAt?: number;
  /** There is a refresh token. */
  readonly refreshable: boolean;
}

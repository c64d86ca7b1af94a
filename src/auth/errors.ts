import { advice, type FailureReason } from '../machines/index.ts';

/** The session has failed, and only a person can help. The message says how. */
export class AuthFailedError extends Error {
  override readonly name = 'AuthFailedError';
  readonly reason: FailureReason;
  /** What to do about it. */
  readonly advice: string;

  constructor(reason: FailureReason, cause?: unknown) {
    const because = cause instanceof Error ? ` (${cause.message})` : '';
    super(
      `The session has failed: ${reason}${because}. ${advice[reason]}`,
      cause === undefined ? undefined : { cause },
    );
    this.reason = reason;
    this.advice = advice[reason];
  }
}

/** The session was stopped by its owner. */
export class AuthStoppedError extends Error {
  override readonly name = 'AuthStoppedError';

  constructor() {
    super(
      'The session was stopped with auth.stop(). Nothing was sent. Create a new one with createMatrixAuth() to go on.',
    );
  }
}

/** There is nothing to get a new token with, or it was refused; the old token serves on. */
export class CannotRenewError extends Error {
  override readonly name = 'CannotRenewError';

  constructor() {
    super(
      'The token was not renewed, and the old one serves on: there is neither a refresh token nor a user name with a password, or the homeserver refused them. Give credentials with provideCredentials(), then ask again.',
    );
  }
}

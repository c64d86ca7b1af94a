import { advice, type FailureReason } from '../machines/auth/index.ts';

/** The session has failed, and only a person can help. The message says how. */
export class AuthFailedError extends Error {
  override readonly name = 'AuthFailedError';
  readonly reason: FailureReason;
  /** What to do about it. */
  readonly advice: string;

  constructor(reason: FailureReason, cause?: unknown, words: string = advice[reason]) {
    const because = cause instanceof Error ? ` (${cause.message})` : '';
    super(
      `The session has failed: ${reason}${because}. ${words}`,
      cause === undefined ? undefined : { cause },
    );
    this.reason = reason;
    this.advice = words;
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

/** The session has stopped by a bug of this package. */
export class AuthCrashedError extends Error {
  override readonly name = 'AuthCrashedError';

  constructor(cause: unknown) {
    super(
      `The session has stopped by a bug in matrix-auth-machine: ${String(cause)}. Nothing was sent. Please report it; create a new session with createMatrixAuth() to go on.`,
      { cause },
    );
  }
}

/** The homeserver was not told of a logout. */
export class LogoutFailedError extends Error {
  override readonly name = 'LogoutFailedError';

  constructor(why: string, deviceId: string | undefined) {
    const device = deviceId === undefined ? 'the device of this session' : `the device ${deviceId}`;
    super(
      `The session was stopped, and what was stored of it is deleted, but the homeserver did not take the logout (${why}). There the session lives on: remove ${device} in the settings of another client.`,
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

import type { Answer, Homeserver, TokenGrant } from './homeserver.ts';
import type { Renewal } from './renewal.ts';
import type { Secret } from './secret.ts';

/**
 * One way to sign in. Each kind is a folder of its own, and nothing outside of it knows how it works: a bot is given
 * one, or several in the order in which they are to be tried.
 */
export interface SignIn {
  /** Its name in messages, such as `password`. */
  readonly kind: string;
  /** Whether it can be used again after it has succeeded; a one-time token cannot. */
  readonly reusable: boolean;
  /** Whether a person has to do something each time. It then says what by {@link SignInContext.ask}. */
  readonly attended: boolean;
  /** Whose account it signs in to, where that is known beforehand. */
  readonly account?: ExpectedAccount;
  /** The device to sign in on. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
  /** Tokens that exist already: they are used first, and checked before they replace a stored session. */
  readonly given?: GivenTokens;
  /** How its sessions are renewed. Default: by the refresh token of the Matrix specification. */
  readonly renewal?: Renewal;
  readonly advice: SignInAdvice;
  /**
   * Signs in. Nothing is thrown for a refusal: its meaning is read from the table of rejections, or is what
   * `rejection.meaning` says. One that is attended may take as long as a person does; its `signal` ends it.
   */
  begin(context: SignInContext): Promise<Answer<TokenGrant>>;
}

/** An account as far as it is known before the homeserver was asked. */
export interface ExpectedAccount {
  /** The same for every spelling of the account, so that a device id can be derived from it. */
  readonly name: string;
  /** Whether this user id may be the account's. */
  isUser(userId: string): boolean;
}

export interface GivenTokens {
  readonly accessToken: Secret;
  readonly refreshToken?: Secret;
}

/** What happened, and what a person can do about it: a sentence or two for each. */
export interface SignInAdvice {
  /** The homeserver does not accept what this way offers. */
  readonly refused: string;
  /** The homeserver does not know this way. */
  readonly unsupported: string;
}

export interface SignInContext {
  readonly homeserver: Homeserver;
  /** The homeserver's base URL, without a trailing slash. */
  readonly homeserverUrl: string;
  /** For what {@link homeserver} does not have: requests without a token, which do not wait for one. */
  readonly fetch: typeof globalThis.fetch;
  /** The device to sign in on. Another one would leave the bot with a new device at each sign-in. */
  readonly deviceId: string;
  /** Shown to the user in the list of devices, when the device is new. */
  readonly deviceDisplayName: string;
  /** Ask for a refresh token, and so for an access token that expires. */
  readonly refreshTokens: boolean;
  /** Whose session it was so far, where that is known: a person may approve as somebody else by mistake. */
  readonly userId?: string;
  /** Time limit of one request, in ms. Default 10,000. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
  /** Says what a person has to do now; it may be said again, such as when a code has expired. */
  ask(request: AuthorizationRequest): void;
}

/** What a person has to do so that a bot can sign in. It holds no secret: the code is there to be shown. */
export interface AuthorizationRequest {
  /** A sentence for the person. */
  readonly message: string;
  readonly link?: string;
  /** To be typed in at the link. */
  readonly code?: string;
  /** When the link or the code is no longer good, in ms since the epoch. */
  readonly expiresAt?: number;
}

import type { Rejection } from '../machines/auth/index.ts';
import type { RenewalData } from './renewal.ts';
import type { Secret } from './secret.ts';

/** What a homeserver answered: the value, or the refusal. Network trouble is a refusal too; nothing is thrown. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };

/** New tokens, from `/login`, `/refresh` or another way to sign in. */
export interface TokenGrant {
  /** How the session is renewed, see `Renewal`. Absent: by the refresh token of the Matrix specification. */
  readonly kind?: string;
  /** What the renewal has to know besides the refresh token. Of a renewal, absent: as before. */
  readonly renewal?: RenewalData;
  readonly accessToken: Secret;
  /** Absent: this session has none, or the one that was used stays good. */
  readonly refreshToken?: Secret;
  /** Absent: the access token does not expire. */
  readonly expiresInMs?: number;
  /** When the request was sent (ms since the epoch): lifetimes count from here. */
  readonly sentAt: number;
  /** From a sign-in only. */
  readonly userId?: string;
  /** From a sign-in only. */
  readonly deviceId?: string;
}

/**
 * How to log in: the `type` of a login flow, and the parameters that it takes (specification, `POST /login`). A
 * parameter that is a `Secret` is revealed in the request alone.
 */
export interface LoginFlow {
  readonly type: string;
  readonly [parameter: string]: unknown;
}

export interface LoginRequest {
  readonly flow: LoginFlow;
  /** The device to log in on. Without one the homeserver makes a new device, each time. */
  readonly deviceId: string;
  /** Shown to the user in the list of devices, when the device is new. */
  readonly deviceDisplayName?: string;
  /** Ask for a refresh token, and so for an access token that expires. */
  readonly refreshToken: boolean;
  /** A token that proves who asks, where the flow wants one: that of an application service. */
  readonly accessToken?: Secret;
}

export interface Whoami {
  readonly userId: string;
  /** Absent for a token without a device. */
  readonly deviceId?: string;
}

/** The part of the client-server API that concerns the session. Each call has a time limit and ends by itself. */
export interface Homeserver {
  /**
   * `GET /_matrix/client/versions`: whether there is a homeserver at all, asked before anything secret is sent. Refused
   * is only what proves that there is none, or that it cannot be reached. The rejection is that of a login.
   */
  versions(options?: CallOptions): Promise<Answer<void>>;
  /** `POST /_matrix/client/v3/login` */
  login(request: LoginRequest, options?: CallOptions): Promise<Answer<TokenGrant>>;
  /** `POST /_matrix/client/v3/refresh` */
  refresh(refreshToken: Secret, options?: CallOptions): Promise<Answer<TokenGrant>>;
  /** `GET /_matrix/client/v3/account/whoami` */
  whoami(accessToken: Secret, options?: CallOptions): Promise<Answer<Whoami>>;
  /** `POST /_matrix/client/v3/logout`: ends the session and deletes its device. */
  logout(accessToken: Secret, options?: CallOptions): Promise<Answer<void>>;
}

export interface CallOptions {
  /** Ends the call at once; the answer is then `unreachable`. */
  readonly signal?: AbortSignal;
}

import type { LoginNames } from './accounts/accounts.ts';
import type { OAuthControl } from './oauth/control.ts';
import type { HomeserverRequest } from './requests.ts';

/** A running test homeserver. What is done here takes effect at once. */
export interface TestHomeserver extends AsyncDisposable {
  /** Base URL without a trailing slash, on 127.0.0.1. */
  readonly url: string;
  /** The part of a user id after the colon. */
  readonly serverName: string;
  /** Every request so far, in the order of arrival, those still being answered included. */
  readonly requests: readonly HomeserverRequest[];
  /**
   * The OAuth 2.0 server beside it.
   * @throws Error if there is none: it takes the option `oauth`.
   */
  readonly oauth: OAuthControl;
  /** How many refreshes have succeeded. */
  readonly refreshes: number;
  /** How many logins have succeeded. */
  readonly logins: number;

  /**
   * Makes an account. It has no device yet.
   * @param names What else it can be called at a login: other names, e-mail addresses, phone numbers. Default: nothing.
   * @throws TypeError if this is no localpart, Error if the account is there already.
   */
  createUser(localpart: string, password: string, names?: LoginNames): { readonly userId: string };
  /** A login token of the account (`m.login.token`): good for one login, within five minutes. */
  issueLoginToken(userId: string): string;
  /** The device ids of the account. */
  devices(userId: string): string[];
  /** Deletes a device and ends its sessions, as an administrator does. */
  deleteDevice(userId: string, deviceId: string): void;
  /**
   * Sets the password as an administrator does.
   * @param options.logoutDevices Whether all sessions end and all devices go. Default `true`.
   */
  setPassword(userId: string, password: string, options?: { readonly logoutDevices?: boolean }): void;
  /** Locks or unlocks: while locked, every request but the logouts is 401 `M_USER_LOCKED`. Sessions stay. */
  setLocked(userId: string, locked: boolean): void;
  /** Suspends or not: while suspended, sending, joining and inviting are 403 `M_USER_SUSPENDED`. */
  setSuspended(userId: string, suspended: boolean): void;
  /** Ends the account for good: sessions and devices go, and no password is right any more. */
  deactivate(userId: string): void;
  /** Lifetime of the access tokens issued with a refresh token from now on, in milliseconds. */
  setAccessTokenLifetimeMs(lifetimeMs: number): void;
  /** Every access token issued so far, of this user or of all, is expired from now on. Refresh tokens stay good. */
  expireTokens(userId?: string): void;
  /**
   * Ends the sessions of the user, or those on one device: tokens and refresh tokens are as if they had never been.
   * @param options.keepDevice Whether the device stays in the account. Default `true`.
   */
  revokeSession(userId: string, deviceId?: string, options?: { readonly keepDevice?: boolean }): void;
  /** Stops. Open connections are destroyed; resolves when nothing is left. */
  stop(): Promise<void>;
}

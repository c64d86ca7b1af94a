/**
 * What a test asks of a homeserver, whichever of the two it is: the test homeserver, or real Synapse.
 * A behaviour that is tested through this face is proven on both.
 */
export interface HomeserverOptions {
  /** Lifetime of access tokens that come with a refresh token. `null`: this server has no refresh tokens. Default 5,000. */
  readonly accessTokenLifetimeMs?: number | null;
  /** Lifetime of access tokens without a refresh token. Default: they do not expire. */
  readonly nonRefreshableLifetimeMs?: number | null;
  /** Lifetime of a refresh token that is not used. Default: none. */
  readonly refreshTokenLifetimeMs?: number | null;
  /** `POST /login/get_token` gives out login tokens. Default: it does not. */
  readonly loginTokens?: boolean;
  /** The key of JSON Web Tokens (HS256) that are taken as a login. Default: none are. */
  readonly jwtSecret?: string;
  /** An application service: its `as_token`, and a regular expression for the user ids in its namespace. Default: none. */
  readonly applicationServices?: readonly { readonly token: string; readonly users: string }[];
  /** Accounts that sign in by another name than their localpart, as a directory (LDAP) has it. Default: none. */
  readonly directory?: readonly {
    readonly name: string;
    readonly localpart: string;
    readonly password: string;
  }[];
  /** The login rate limit. Default: as good as none. */
  readonly loginRateLimit?: { readonly perSecond: number; readonly burst: number };
  /** The rate limit on sending messages. Default: as good as none. */
  readonly messageRateLimit?: { readonly perSecond: number; readonly burst: number };
}

export interface RunningHomeserver {
  /** "test homeserver" or "Synapse 1.160.0": it ends up in test names. */
  readonly label: string;
  /** Base URL without a trailing slash, on 127.0.0.1. */
  readonly url: string;
  /** The part of a user id after the colon. */
  readonly serverName: string;
  createUser(
    localpart: string,
    password: string,
    /** What else the account is known by. Phone numbers: the country code first, and digits only. */
    known?: { readonly emails?: readonly string[]; readonly phones?: readonly string[] },
  ): Promise<{ readonly userId: string }>;
  /** The device ids of the account, unordered. Creating a user leaves none. */
  devices(userId: string): Promise<string[]>;
  deleteDevice(userId: string, deviceId: string): Promise<void>;
  /** Resets the password as an administrator does. `logoutDevices` defaults to true, as on Synapse. */
  setPassword(
    userId: string,
    password: string,
    options?: { readonly logoutDevices?: boolean },
  ): Promise<void>;
  setLocked(userId: string, locked: boolean): Promise<void>;
  setSuspended(userId: string, suspended: boolean): Promise<void>;
  deactivate(userId: string): Promise<void>;
  stop(): Promise<void>;
}

export type StartHomeserver = (options?: HomeserverOptions) => Promise<RunningHomeserver>;

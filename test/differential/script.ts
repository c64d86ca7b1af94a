import type { HomeserverOptions } from '../support/homeserver.ts';

/**
 * One request. `{name}` in its path, its body and `as` stands for what a step before it has kept under that name, or
 * for an account of the script: `{bot}` its localpart, `{bot.id}`, `{bot.password}`.
 */
export interface Ask {
  /** `POST /login`: below `/_matrix/client/v3`, unless the path begins with another root. */
  readonly ask: string;
  /** The access token to send. Default: none. */
  readonly as?: string;
  /** The `Authorization` header as it is sent, in place of `as`. */
  readonly authorization?: string;
  /** An object or an array is sent as JSON, a string as it is. */
  readonly body?: unknown;
  /** What of the answer's body later steps need: name to key, or keys joined by dots. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Tells this step from others with the same request. */
  readonly note?: string;
}

export type Step =
  | Ask
  /** All at once. Which of them is answered how may differ from run to run, so the answers are compared as a set. */
  | { readonly together: readonly Ask[] }
  /** Asked again until it is answered otherwise than with this status; that answer is compared. */
  | (Ask & { readonly whileAnswered: number })
  /** What an administrator does. */
  | {
      readonly admin:
        | 'lock'
        | 'unlock'
        | 'suspend'
        | 'unsuspend'
        | 'deactivate'
        | 'reset password'
        | 'reset password, keep devices';
      readonly account: string;
    }
  | { readonly admin: 'delete device'; readonly account: string; readonly device: string };

export interface Script {
  readonly name: string;
  /** Fresh accounts of this script alone. Default: `bot`. */
  readonly accounts?: readonly string[];
  readonly steps: readonly Step[];
}

/** Scripts about one subject. */
export interface Theme {
  readonly name: string;
  /** Which homeserver it needs. Default `lasting`. */
  readonly on?: keyof typeof homeservers;
  readonly scripts: readonly Script[];
}

/** The homeservers that the scripts are played on, each started once on both sides. */
export const homeservers = {
  lasting: { accessTokenLifetimeMs: 300_000 },
  expiring: { accessTokenLifetimeMs: 1_000, nonRefreshableLifetimeMs: 1_500 },
  manifold: {
    accessTokenLifetimeMs: 300_000,
    loginTokens: true,
    jwtSecret: 'the key of the tokens, long enough for HS256',
    applicationServices: [{ token: 'the-token-of-the-service', users: '@user-.*' }],
  },
  limited: {
    accessTokenLifetimeMs: 300_000,
    // It holds for the whole server: the script about it comes last.
    loginRateLimit: { perSecond: 0.01, burst: 4 },
    messageRateLimit: { perSecond: 0.1, burst: 2 },
  },
} as const satisfies Readonly<Record<string, HomeserverOptions>>;

/** A login on a device; keeps `token` and `refresh`, with a prefix of their own where there is more than one. */
export function signIn(
  account = 'bot',
  { device = 'BOT', prefix = '' }: { readonly device?: string; readonly prefix?: string } = {},
): Ask {
  return {
    ask: 'POST /login',
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: `{${account}}` },
      password: `{${account}.password}`,
      device_id: device,
      refresh_token: true,
    },
    keep: { [`${prefix}token`]: 'access_token', [`${prefix}refresh`]: 'refresh_token' },
    note: account,
  };
}

/** An exchange of a refresh token; keeps the new pair. */
export function exchange(token: string, keep: { readonly token: string; readonly refresh: string }): Ask {
  return {
    ask: 'POST /refresh',
    body: { refresh_token: `{${token}}` },
    keep: { [keep.token]: 'access_token', [keep.refresh]: 'refresh_token' },
    note: token,
  };
}

export const whoami = (token: string): Ask => ({ ask: 'GET /account/whoami', as: `{${token}}`, note: token });

import type { RuleName } from './rules/names.ts';

/** What a step does to, or about. */
export type Target = 'refresh' | 'login' | 'send' | 'everything';

/** One thing that is done to the bot. `when` is how a finding names the moment. */
export type Step =
  /** A message is sent, and its answer awaited. */
  | { readonly do: 'ask'; readonly when: string }
  /** A message is sent. `unanswered`: it is no fault if the answer never comes. */
  | { readonly do: 'say'; readonly when: string; readonly unanswered?: true }
  /** The answers to all that was said are awaited. */
  | { readonly do: 'await answers'; readonly when: string }
  /** Every access token that the bot has expires now. Refresh tokens stay good. */
  | { readonly do: 'expire tokens' }
  /** Access tokens issued from now on live this long. */
  | { readonly do: 'shorten tokens'; readonly lifetimeMs: number }
  /** Access and refresh tokens are gone, as after a logout elsewhere. The device stays. */
  | { readonly do: 'revoke session' }
  | { readonly do: 'lock account' }
  | { readonly do: 'unlock account' }
  /** Connections are reset, new ones refused. */
  | { readonly do: 'take server away' }
  | { readonly do: 'bring server back' }
  /** The next `times` requests to one of these are answered so; without `times` all, until the faults end. */
  | {
      readonly do: 'answer';
      readonly to: readonly Target[];
      readonly times?: number;
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string | Readonly<Record<string, unknown>>;
    }
  /** The homeserver answers the next request to one of these, and the connection is reset before the bot has it. */
  | { readonly do: 'lose answer'; readonly to: readonly Target[] }
  | { readonly do: 'end faults' }
  | { readonly do: 'let time pass'; readonly ms: number };

/** A way through the life of a session, as data: what is done to a bot, and what must hold. */
export interface AuthPath {
  /** Short and stable, for file names and for choosing. */
  readonly id: string;
  /** What happens, as the name of a test. */
  readonly name: string;
  /** How the homeserver differs from Synapse's defaults, if it does: options of `startTestHomeserver`. */
  readonly homeserver?: {
    readonly softLogoutOnExpiry?: boolean;
    readonly consumeRefreshTokenAtOnce?: boolean;
  };
  readonly steps: readonly Step[];
  /** How many logins are enough to get through. */
  readonly logins: number;
  readonly rules: readonly RuleName[];
}

/** The same with words for people. */
export interface AuthPathPlan extends AuthPath {
  /** What is done to the bot, one sentence for each step. */
  readonly done: readonly string[];
  /** What must hold, one sentence for each rule. */
  readonly mustHold: readonly string[];
}

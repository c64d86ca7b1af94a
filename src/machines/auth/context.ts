import type { FailureReason } from './failures.ts';
import { defaultSchedule, type Schedule } from './schedule.ts';
import type { Session } from './session.ts';

/** What the machine is given at its start. */
export interface AuthInput {
  /** Anything that should differ from {@link defaultSchedule}. */
  readonly schedule?: Partial<Schedule>;
  /** A number from 0 to 1 that sets this machine's timers apart from others'. Default random. */
  readonly salt?: number;
}

/**
 * What the machine remembers. No secret, nothing that cannot be printed or stored. It has less than twenty fields, and
 * groups for the rest: V8 makes a slow and large object of more, where `assign` copies them.
 */
export interface AuthContext {
  readonly schedule: Schedule;
  readonly salt: number;
  readonly session: Session | undefined;
  /** There are credentials to sign in with, and no person is needed for it. */
  readonly canLogIn: boolean;
  /** There is a way to sign in that needs a person. */
  readonly canAuthorize: boolean;
  /** There is an access token that was given while another was in use. It is taken when that one ends. */
  readonly tokenGiven: boolean;
  /** The homeserver was asked whose token this is, and it is the right user's. */
  readonly verified: boolean;
  readonly token: TokenFacts;
  readonly client: ClientFacts;
  /** The homeserver refused the credentials, so logging in again is useless until there are others. */
  readonly loginRefused: FailureReason | undefined;
  /** That the account is locked was said already. */
  readonly lockAnnounced: boolean;
  /** Attempts in a row that failed. */
  readonly failures: number;
  /** The server or the store wants no attempt before this time (ms since the epoch). */
  readonly notBefore: number | undefined;
  /** What went wrong at the last attempt, in words. */
  readonly lastTrouble: string | undefined;
  /** The breaker is open: no attempt until it has cooled down. */
  readonly breakerOpen: boolean;
  /** Why it is `failed`. */
  readonly failureReason: FailureReason | undefined;
}

/** What is known of the tokens in use, and of those before them. */
export interface TokenFacts {
  /** The token was issued in this run. */
  readonly issuedThisRun: boolean;
  /** It came by a refresh, and not by a login. */
  readonly issuedByRefresh: boolean;
  /** A request with the token has succeeded. */
  readonly confirmed: boolean;
  /** A request was refused with the token, and `whoami` has not said yet whether it is dead. */
  readonly doubted: boolean;
  /** `whoami` has refused the token. */
  readonly dead: boolean;
  /** The token's lifetime can be planned with. If not, the token is used until it is refused. */
  readonly lifetimeTrusted: boolean;
  /** When to renew a token whose lifetime cannot be planned with, in ms since the epoch; absent: when it is refused. */
  readonly renewNotBefore: number | undefined;
  /** The refresh token was refused, so asking again is useless. */
  readonly refreshRefused: boolean;
  /** Some token of this session was accepted once, in this run or an earlier one. */
  readonly everAccepted: boolean;
  /** Tokens in a row that were issued in this run and never accepted. */
  readonly neverAccepted: number;
  /** Tokens in a row whose lifetime was too short to be true. */
  readonly shortLifetimes: number;
  /** Tokens in a row that were refused soon after they had been issued. */
  readonly earlyDeaths: number;
}

/** What is known of the client. */
export interface ClientFacts {
  /** When it was last made live, in ms since the epoch. */
  readonly connectedAt: number | undefined;
  /** Clients in a row that ended soon after they had been started. */
  readonly deaths: number;
  /** It has to be replaced when it is next made live. */
  readonly replace: boolean;
}

export function initialContext(input: AuthInput | undefined): AuthContext {
  return {
    schedule: input?.schedule === undefined ? defaultSchedule : { ...defaultSchedule, ...input.schedule },
    salt: input?.salt ?? Math.random(),
    session: undefined,
    canLogIn: false,
    canAuthorize: false,
    tokenGiven: false,
    verified: false,
    token: {
      issuedThisRun: false,
      issuedByRefresh: false,
      confirmed: false,
      doubted: false,
      dead: false,
      lifetimeTrusted: true,
      renewNotBefore: undefined,
      refreshRefused: false,
      everAccepted: false,
      neverAccepted: 0,
      shortLifetimes: 0,
      earlyDeaths: 0,
    },
    client: { connectedAt: undefined, deaths: 0, replace: false },
    loginRefused: undefined,
    lockAnnounced: false,
    failures: 0,
    notBefore: undefined,
    lastTrouble: undefined,
    breakerOpen: false,
    failureReason: undefined,
  };
}

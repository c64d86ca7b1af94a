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

/** What the machine remembers. No secret, nothing that cannot be printed or stored. */
export interface AuthContext {
  readonly schedule: Schedule;
  readonly salt: number;
  readonly session: Session | undefined;
  /** There are credentials to log in with. */
  readonly canLogIn: boolean;
  /** There is an access token that was given while another was in use: it is taken when that one is at its end. */
  readonly tokenGiven: boolean;
  /** The homeserver was asked whose token this is, and it is the right user's. */
  readonly verified: boolean;
  /** The token was issued in this run. */
  readonly issued: boolean;
  /** A request with the token has succeeded. */
  readonly proven: boolean;
  /** The refresh token was refused, so asking again is useless. */
  readonly refreshRefused: boolean;
  /** The homeserver refused the credentials, so logging in again is useless until there are others. */
  readonly loginRefused: FailureReason | undefined;
  /** That the account is locked was said already. */
  readonly lockAnnounced: boolean;
  /** When the client was last made live, in ms since the epoch. */
  readonly connectedAt: number | undefined;
  /** Clients in a row that ended soon after they had been started. */
  readonly clientDeaths: number;
  /** The client has to be replaced when it is next made live. */
  readonly replaceClient: boolean;
  /** Attempts in a row that brought nothing. */
  readonly failures: number;
  /** The server or the store wants no attempt before this time (ms since the epoch). */
  readonly notBefore: number | undefined;
  /** What went wrong at the last attempt, in words. */
  readonly trouble: string | undefined;
  /** Tokens in a row that were refused soon after they had been issued. */
  readonly earlyDeaths: number;
  /** The breaker is open: no attempt until it has cooled down. */
  readonly breakerOpen: boolean;
  readonly reason: FailureReason | undefined;
}

export function initialContext(input: AuthInput | undefined): AuthContext {
  return {
    schedule: { ...defaultSchedule, ...input?.schedule },
    salt: input?.salt ?? Math.random(),
    session: undefined,
    canLogIn: false,
    tokenGiven: false,
    verified: false,
    issued: false,
    proven: false,
    refreshRefused: false,
    loginRefused: undefined,
    lockAnnounced: false,
    connectedAt: undefined,
    clientDeaths: 0,
    replaceClient: false,
    failures: 0,
    notBefore: undefined,
    trouble: undefined,
    earlyDeaths: 0,
    breakerOpen: false,
    reason: undefined,
  };
}

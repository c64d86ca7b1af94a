/**
 * Which request was refused. The same bytes mean different things on different endpoints: `403 M_FORBIDDEN`
 * ends a login and a refresh, and says nothing about the token anywhere else.
 */
export type Endpoint = 'login' | 'refresh' | 'whoami' | 'other';

/** Why there is no answer that a Matrix server gave. */
export type NetworkFailure = 'unreachable' | 'timeout' | 'malformed';

/** A homeserver's refusal, or the lack of an answer, as far as it matters to the session. It holds no secret. */
export interface Rejection {
  readonly endpoint: Endpoint;
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly errcode?: string;
  readonly softLogout?: boolean;
  /** How long the server asked us to wait, in ms: `Retry-After` first, then `retry_after_ms`. */
  readonly retryAfterMs?: number;
  /** The body has `flows`: user-interactive authentication, not a refusal of the token. */
  readonly flows?: boolean;
  readonly trouble?: NetworkFailure;
  /** What it means, where whoever met it knows better than the table, such as for an error of OAuth 2.0. */
  readonly meaning?: Meaning;
  /** What the adapter found out about an answer that is missing or no homeserver's, for people. */
  readonly detail?: { readonly code: string; readonly what: string };
}

/**
 * What a refusal means.
 * - `token-dead`: the access token does not work (any more); the session may well be alive.
 * - `refresh-dead`: the refresh token will never work again.
 * - `login-refused`: the homeserver does not accept these credentials.
 * - `deactivated`: the account is gone for good.
 * - `locked`: an administrator locked the account; everything is kept until it is unlocked.
 * - `unsupported`: this server does not have the endpoint, or not this kind of login.
 * - `token-missing`: the request arrived without its token.
 * - `transient`: says nothing about the session; ask again later.
 * - `not-auth`: the token is fine; the answer is the caller's business.
 */
export type Meaning =
  | 'token-dead'
  | 'refresh-dead'
  | 'login-refused'
  | 'deactivated'
  | 'locked'
  | 'unsupported'
  | 'token-missing'
  | 'transient'
  | 'not-auth';

/** One row of the table: a refusal that has everything in `when` has this meaning. */
export interface RejectionRow {
  readonly name: string;
  readonly when: {
    readonly endpoint?: Endpoint | readonly Endpoint[];
    readonly status?: number | readonly number[];
    /** Lowest status of a range that is open at the top. */
    readonly statusFrom?: number;
    readonly errcode?: string | readonly string[] | null;
    readonly flows?: true;
    readonly trouble?: true;
  };
  readonly meaning: Meaning;
  /** The reason, for readers of the documentation. */
  readonly because: string;
}

/**
 * The table of refusals. Rows are tried from the top; the first that fits decides. The order is part of the data:
 * infrastructure first, then user-interactive authentication, then the error code, then the bare status.
 */
export const rejections: readonly RejectionRow[] = [
  {
    name: 'no answer',
    when: { trouble: true },
    meaning: 'transient',
    because: 'no connection, a time-out, half a body or a body that is not what the specification promises',
  },
  {
    name: 'server error',
    when: { statusFrom: 500 },
    meaning: 'transient',
    because: 'any 5xx, whatever its body: 503 M_UNKNOWN is an auth server that is away, not an expired token',
  },
  {
    name: 'rate limited',
    when: { endpoint: ['login', 'refresh', 'whoami'], status: 429 },
    meaning: 'transient',
    because: 'wait as long as Retry-After says, then ask again',
  },
  {
    name: 'request time-out',
    when: { endpoint: ['login', 'refresh', 'whoami'], status: 408 },
    meaning: 'transient',
    because: 'a proxy gave up waiting',
  },
  {
    name: 'user-interactive authentication',
    when: { status: 401, flows: true },
    meaning: 'not-auth',
    because:
      'a 401 with flows asks the caller for another stage; it may carry an errcode, and is no token error',
  },
  {
    name: 'account locked',
    when: { status: [401, 403], errcode: 'M_USER_LOCKED' },
    meaning: 'locked',
    because: 'keep the session and the keys; the account comes back when it is unlocked',
  },
  {
    name: 'account deactivated',
    when: { endpoint: ['login', 'refresh', 'whoami'], errcode: 'M_USER_DEACTIVATED' },
    meaning: 'deactivated',
    because: 'deactivation is for good',
  },
  {
    name: 'refresh token refused',
    when: { endpoint: 'refresh', status: 401, errcode: ['M_UNKNOWN_TOKEN', 'M_FORBIDDEN'] },
    meaning: 'refresh-dead',
    because: 'unknown, used before, or its session has ended',
  },
  {
    name: 'refresh token used or expired',
    when: { endpoint: 'refresh', status: 403, errcode: ['M_FORBIDDEN', 'M_UNKNOWN_TOKEN'] },
    meaning: 'refresh-dead',
    because: 'Synapse answers 403 for a refresh token whose successor was used, and for an expired one',
  },
  {
    name: 'no refresh tokens on this server',
    when: { endpoint: 'refresh', status: [404, 405], errcode: 'M_UNRECOGNIZED' },
    meaning: 'unsupported',
    because: 'the endpoint is not there, or a proxy does not route it; the refresh token is kept',
  },
  {
    name: 'login refused',
    when: { endpoint: 'login', status: 403, errcode: ['M_FORBIDDEN', 'ORG_MATRIX_EXPIRED_ACCOUNT'] },
    meaning: 'login-refused',
    because: 'wrong password, unknown user, or (on Synapse) a deactivated one',
  },
  {
    name: 'login token refused',
    when: { endpoint: 'login', status: 401, errcode: ['M_UNKNOWN_TOKEN', 'M_FORBIDDEN', 'M_UNAUTHORIZED'] },
    meaning: 'login-refused',
    because: 'the credential that was offered is not valid',
  },
  {
    name: 'no such login on this server',
    when: { endpoint: 'login', status: [404, 405], errcode: 'M_UNRECOGNIZED' },
    meaning: 'unsupported',
    because: 'the server signs in by OAuth 2.0 only, or a proxy does not route the endpoint',
  },
  {
    name: 'kind of login unknown',
    when: {
      endpoint: 'login',
      status: 400,
      errcode: [
        'M_UNKNOWN',
        'M_UNRECOGNIZED',
        'M_INVALID_PARAM',
        'M_APPSERVICE_LOGIN_UNSUPPORTED',
        'IO.ELEMENT.MSC4190.M_APPSERVICE_LOGIN_UNSUPPORTED',
      ],
    },
    meaning: 'unsupported',
    because: 'the server does not know the kind of login that was tried',
  },
  {
    name: 'not from Matrix',
    when: { endpoint: ['login', 'refresh', 'whoami'], status: [401, 403], errcode: null },
    meaning: 'transient',
    because: 'a 401 or 403 without a Matrix error is a proxy or a firewall speaking',
  },
  {
    name: 'login not in a state to succeed',
    when: { endpoint: 'login', status: 403 },
    meaning: 'transient',
    because: 'a Matrix error that blames no credential: the server is full, or wants consent first',
  },
  {
    name: 'token refused',
    when: { endpoint: ['whoami', 'other'], status: 401, errcode: 'M_UNKNOWN_TOKEN' },
    meaning: 'token-dead',
    because: 'expired, logged out, or superseded: refresh first, whatever soft_logout says',
  },
  {
    name: 'token missing',
    when: { status: 401, errcode: 'M_MISSING_TOKEN' },
    meaning: 'token-missing',
    because: 'the request came without a token: a client without one, or a proxy that strips the header',
  },
  {
    name: 'scope or permission lacking',
    when: { endpoint: ['whoami', 'other'], status: [401, 403], errcode: 'M_FORBIDDEN' },
    meaning: 'not-auth',
    because: 'the token is valid; this operation is not allowed',
  },
  {
    name: 'refresh or whoami answered with something else',
    when: { endpoint: ['login', 'refresh', 'whoami'] },
    meaning: 'transient',
    because: 'no answer that is not listed above proves a credential dead',
  },
  {
    name: 'anything else',
    when: {},
    meaning: 'not-auth',
    because: 'the operation failed for its own reasons (M_USER_SUSPENDED, M_LIMIT_EXCEEDED, M_NOT_FOUND, …)',
  },
];

/** The first row of {@link rejections} that fits. */
export function rowOf(rejection: Rejection): RejectionRow {
  // The last row fits everything.
  return rejections.find(({ when }) => fits(when, rejection)) as RejectionRow;
}

/** What a refusal means for the session. */
export function meaningOf(rejection: Rejection): Meaning {
  return rejection.meaning ?? rowOf(rejection).meaning;
}

/** A refusal as a short phrase for logs and pages. */
export function rejectionText({ endpoint, status, errcode, trouble, detail }: Rejection): string {
  const what = endpoint === 'other' ? 'the request' : endpoint;
  if (detail !== undefined) return `${what}: ${detail.what}`;
  if (trouble === 'unreachable') return `${what}: the homeserver could not be reached`;
  if (trouble === 'timeout') return `${what}: the homeserver did not answer in time`;
  if (trouble === 'malformed') return `${what}: the homeserver's answer (${status}) could not be understood`;
  return `${what}: ${status}${errcode === undefined ? '' : ` ${errcode}`}`;
}

function fits(when: RejectionRow['when'], rejection: Rejection): boolean {
  return (
    (when.endpoint === undefined || oneOf(when.endpoint, rejection.endpoint)) &&
    (when.status === undefined || oneOf(when.status, rejection.status)) &&
    (when.statusFrom === undefined || rejection.status >= when.statusFrom) &&
    (when.errcode === undefined ||
      (when.errcode === null
        ? rejection.errcode === undefined
        : oneOf<string | undefined>(when.errcode, rejection.errcode))) &&
    (when.flows === undefined || rejection.flows === true) &&
    (when.trouble === undefined || rejection.trouble !== undefined)
  );
}

function oneOf<T>(allowed: T | readonly T[], value: T): boolean {
  return Array.isArray(allowed) ? allowed.includes(value) : allowed === value;
}

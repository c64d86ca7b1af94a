import { type TroubleDetail, troubleAdvice, type TroubleCode } from '../../adapters/homeserver/index.ts';
import { oneLine } from '../words.ts';

/**
 * - `good`: as it should be.
 * - `note`: worth knowing, and nothing has to be done.
 * - `attention`: the bot will end, or does not start, unless somebody does something.
 * - `unknown`: it could not be looked at.
 */
export type Level = 'good' | 'note' | 'attention' | 'unknown';

/** What `doctor` finds besides trouble on the way to the homeserver, and what it means: the table in `docs/cli.md`. */
export const doctorCodes = {
  'address-missing': 'No homeserver is named.',
  'address-unusable': 'What is given as the homeserver’s address is none.',
  'address-plain': 'The homeserver is asked by http over a network that others may read.',
  'typed-oddly': 'A value has something around it that does not belong to it. It is understood all the same.',
  'credentials-missing': 'There is nothing to sign in with.',
  'credentials-unusable': 'What is given to sign in with cannot be used.',
  'credentials-left-out': 'The environment’s tokens are for another homeserver, and were not sent.',
  'token-of-another-kind': 'What is given as the access token is a token for something else.',
  'token-copied':
    'The access token is of an OAuth 2.0 session, which only the client renews that it was made for.',
  'package-missing':
    'A stored session of OAuth 2.0 is renewed by means of a package that is not installed beside the bot.',
  'secret-file-open': 'A file with a secret can be read by other users of the computer.',
  'certificates-unchecked': 'Node is told to trust every certificate.',
  'proxy-variables': 'The environment names a proxy for this homeserver.',
  'server-answers': 'A homeserver answers.',
  'clock-skew': 'The clock of this computer and that of the homeserver differ.',
  'login-offered': 'The homeserver offers a login with user name and password.',
  'login-not-offered': 'The homeserver does not offer a login with user name and password.',
  'login-flows-unknown': 'Which logins the homeserver offers could not be read.',
  'user-of-another-server': 'The user name is that of another homeserver’s user.',
  'store-missing': 'There is no session store at that place yet.',
  'store-empty': 'The session store holds no such session.',
  'store-unusable': 'The session store cannot be used as it is.',
  'store-pooler': 'The database is reached through a connection pooler that shares connections.',
  'token-accepted': 'The homeserver takes the access token.',
  'token-expired': 'The access token has run out.',
  'token-refused': 'The homeserver does not take the access token.',
  'token-unchecked': 'Whether the access token is good could not be found out.',
  'given-token-differs': 'The environment’s access token is another one than the stored session’s.',
  'authorization-stripped': 'The homeserver says that a request came without its token.',
  'identity-mismatch': 'Two things that have to be the same user’s are not.',
  'device-mismatch': 'The token is of another device than the one that was named.',
  'device-missing': 'The token is of no device.',
  'devices-many': 'The account has many devices.',
  'account-locked': 'The account is locked.',
  'account-deactivated': 'The account is deactivated.',
  'renewal-possible': 'The session can be renewed.',
  'renewal-impossible': 'The access token cannot be renewed, and there is nothing else to sign in with.',
  'renewal-fragile': 'A refresh whose answer is lost on the way ends the session.',
  'renewal-unstored':
    'The refresh token is in the environment, and nothing keeps its successor over a restart.',
  'renewal-overdue': 'The token should have been renewed already: no bot seems to run on this store.',
  'renewal-tried': 'A renewal was tried with --try.',
  'renewal-untried': 'Whether the session can be renewed is known once it is tried.',
  'login-follows': 'When the token ends, the bot logs in.',
  'login-untried': 'The password was not tried.',
  'login-tried': 'A login was tried with --try.',
  'login-each-start': 'Nothing keeps the session over a restart, so that each start is a login.',
  'login-must-wait': 'The login budget is spent, and the next login has to wait.',
} as const;

export type DoctorCode = keyof typeof doctorCodes;

export interface Finding {
  readonly level: Level;
  readonly code: DoctorCode | TroubleCode;
  /** One or two sentences. */
  readonly says: string;
  /** What has to be done about it. */
  readonly toDo?: string;
}

/** Trouble that passes by itself, or may be this computer's own: whether the session lasts is not known then. */
const passing: readonly TroubleCode[] = [
  'name-unresolved',
  'connection-refused',
  'host-unreachable',
  'timeout',
  'connection-reset',
  'unreachable',
  'malformed-answer',
  'server-error',
  'rate-limited',
];

/** Trouble on the way to the homeserver. */
export function troubleFinding({ code, what }: TroubleDetail, more?: string): Finding {
  return {
    level: passing.includes(code) ? 'unknown' : 'attention',
    code,
    says: `${capital(oneLine(what, 600))}.${more === undefined ? '' : ` ${more}`}`,
    toDo: troubleAdvice(code),
  };
}

function capital(text: string): string {
  // A URL begins as it is written.
  if (/^[a-z]+:\/\//.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

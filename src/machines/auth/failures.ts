import { type Meaning, meaningOf, type Rejection } from './rejections.ts';

/** Why the machine is `failed`: it needs a person. */
export type FailureReason =
  | 'no-credentials'
  | 'token-refused'
  | 'session-ended'
  | 'login-refused'
  | 'login-unsupported'
  | 'deactivated'
  | 'identity-mismatch'
  | 'store-unusable'
  | 'client-failed'
  | 'crypto-mismatch'
  | 'logged-out'
  | 'tokens-never-accepted'
  | 'no-homeserver';

/** What happened and what to do about it, a sentence or two for each reason. */
export const advice: Readonly<Record<FailureReason, string>> = {
  'no-credentials':
    'There is no stored session and nothing to sign in with. Sign in once into the bot’s session store (npx matrix-auth-machine login), or set ACCESS_TOKEN, or MATRIX_USERNAME and MATRIX_PASSWORD, or call provideCredentials().',
  'token-refused':
    'The homeserver refused the access token, and there is no refresh token and no password to get another one with. ' +
    'Set MATRIX_USERNAME and MATRIX_PASSWORD (alone, or beside ACCESS_TOKEN) so that the bot can sign in again by itself, ' +
    'or MATRIX_REFRESH_TOKEN if you have one; or put a new ACCESS_TOKEN in place.',
  'session-ended':
    'The homeserver refused the refresh token: the session was logged out, its device was deleted, or the token was used elsewhere. ' +
    'Sign in again into the bot’s session store (npx matrix-auth-machine login), or give new credentials with provideCredentials(), ' +
    'or set MATRIX_USERNAME and MATRIX_PASSWORD so that the bot can sign in again by itself.',
  'login-refused':
    'The homeserver refused the user name and password. Check MATRIX_USERNAME and MATRIX_PASSWORD, and that the account is not deactivated; ' +
    'then call provideCredentials() or restart. No further login is tried until then, so as not to exhaust the login limit.',
  'login-unsupported':
    'This homeserver does not offer a login with user name and password to this account. ' +
    'Use an access token together with its refresh token (ACCESS_TOKEN and MATRIX_REFRESH_TOKEN), and check that HOMESERVER_URL is the homeserver, and not its federation port (8448).',
  deactivated:
    'The account is deactivated, and a deactivated account does not come back. Use another account.',
  'identity-mismatch':
    'The token belongs to another user than the session or MATRIX_USERNAME says. Nothing was sent with it. ' +
    'Make ACCESS_TOKEN and MATRIX_USERNAME name the same user, or give this bot a session store (or session name) of its own. ' +
    'Where the user name is not the one in the user id, leave ACCESS_TOKEN out: whose it is cannot be told.',
  'store-unusable':
    'The stored session cannot be read, and it was left untouched. The error that came with it says why; mend that, then call retry() or restart.',
  'client-failed':
    'The client could not be created or started, and asking again will not help. The error that came with it says why; mend that, then call retry() or restart.',
  'crypto-mismatch':
    'The crypto store has not the keys that others know this device by. Nothing was sent or deleted. ' +
    'Put the file back that has them, then call retry() or restart. If it is lost, give the bot another device: another sessionName, or a token from a new login.',
  'logged-out':
    'The session was logged out, and what was stored of it is deleted. Nothing signs in again by itself. Restart the bot, or call retry(), to sign in anew.',
  'tokens-never-accepted':
    'The homeserver issued three tokens in a row and accepted none of them. ' +
    'Check the upper and lower case of MATRIX_USERNAME, whether a proxy changes or drops the Authorization header, whether HOMESERVER_URL leads to one and the same server each time, and the clocks of both computers; then call retry() or restart.',
  'no-homeserver':
    'What answers at HOMESERVER_URL is no homeserver, and stayed so for a minute. Set HOMESERVER_URL to the base URL of the homeserver, or to its server name (what stands behind the colon in a user id), and restart.',
};

const failures: Partial<Record<Meaning, FailureReason>> = {
  'login-refused': 'login-refused',
  deactivated: 'deactivated',
};

/** The failure that a refusal stands for; `undefined` where it is none. */
export function failureOf(rejection: Rejection): FailureReason | undefined {
  const meaning = meaningOf(rejection);
  // A server without refresh tokens has other ways to sign in; one without this kind of login has not.
  if (meaning === 'unsupported' && rejection.endpoint === 'login') return 'login-unsupported';
  return failures[meaning];
}

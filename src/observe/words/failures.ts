import type { FailureReason } from '../../machines/auth/index.ts';

/**
 * Why a session has failed, and what to do, for the person on call, who may know nothing of how the bot was set up.
 * `Frame.advice` says it to whoever configures the bot.
 */
export const failures: Readonly<Record<FailureReason, { readonly headline: string; readonly toDo: string }>> =
  {
    'no-credentials': {
      headline: 'There is nothing to sign in with.',
      toDo: 'The bot needs an access token, or a user name and a password. Put them into its configuration, then restart it.',
    },
    'token-refused': {
      headline: 'The homeserver refused the token, and nothing can renew it.',
      toDo: 'The bot needs a new access token or its password. Put it into its configuration, then restart it.',
    },
    'session-ended': {
      headline: 'The homeserver has ended the session.',
      toDo: 'Somebody logged the bot out or deleted its device. If that was a mistake, give the bot a new access token or its password, then restart it.',
    },
    'login-refused': {
      headline: 'The homeserver refused the user name and password.',
      toDo: 'Check whether the password was changed or mistyped, or the account deactivated. Put the right one into the bot’s configuration, then restart it. It does not try again by itself.',
    },
    'login-unsupported': {
      headline: 'The homeserver does not offer this kind of login.',
      toDo: 'Check that the homeserver’s address is right. If it is, the bot needs an access token with a refresh token instead of a password.',
    },
    deactivated: {
      headline: 'The account is deactivated.',
      toDo: 'The account does not come back. The bot needs another one: ask its owner.',
    },
    'identity-mismatch': {
      headline: 'The token belongs to another user.',
      toDo: 'The configuration mixes two accounts, or two bots share one session store. Make the token and the user name those of one account, then restart the bot.',
    },
    'store-unusable': {
      headline: 'The stored session cannot be read.',
      toDo: 'See the bot’s log for why: a wrong key, a damaged file, missing permissions. Mend that, then restart the bot. What is stored was left as it is.',
    },
    'client-failed': {
      headline: 'The client could not be started.',
      toDo: 'See the bot’s log for why. It is most likely a fault of the bot’s program or its version: go back to the last one that worked, or ask its owner.',
    },
    'crypto-mismatch': {
      headline: 'The keys of encrypted rooms are not those of this device.',
      toDo: 'Put the bot’s crypto store back, from a backup if need be, then restart the bot. If it is lost, the bot needs a new device: ask its owner.',
    },
    'logged-out': {
      headline: 'The session was logged out.',
      toDo: 'Nothing signs in again by itself, and what was stored is deleted. If the bot is still wanted, restart it.',
    },
    'tokens-never-accepted': {
      headline: 'The homeserver accepts none of the tokens that it issues.',
      toDo: 'Check the upper and lower case of the bot’s user name, whether a proxy drops the Authorization header, that the homeserver’s address always leads to the same server, and the clocks of both computers; then restart the bot.',
    },
    'no-homeserver': {
      headline: 'There is no homeserver at the address.',
      toDo: 'Something else answers there: a website, a web client, a redirect. See the bot’s log for what it is, put the homeserver’s right address into the bot’s configuration, then restart it.',
    },
  };

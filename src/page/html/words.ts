/** What the words of the page mean, for somebody who sees it for the first time. */
export const words: Readonly<Record<string, string>> = {
  restoring: 'The bot reads its stored session.',
  valid: 'The bot is signed in, and its client runs.',
  refreshing: 'The bot gets a new access token. Until then requests use the old one, or wait.',
  reconnecting: 'There is a token, and the client is being started with it.',
  locked: 'An administrator has locked the account. The session is kept.',
  failed: 'The bot cannot sign in by itself any more: a person is needed.',
  stopped: 'The bot was stopped. Its session stays valid.',
  Refreshes: 'New access tokens that the bot got with its refresh token, without its password.',
  Logins: 'New access tokens by signing in with the password. Homeservers limit how often.',
  'Requests held now': 'Requests of the bot that wait for a usable token at this moment.',
  'Messages received': 'Messages of others that the client was given, since the process began.',
  'Messages sent': 'Messages of auth.send() that the homeserver has taken, since the process began.',
  'Messages to be sent':
    'Messages of the bot’s queue that the homeserver does not have yet, and since when the oldest has waited.',
  'Requests refused': 'Requests that the homeserver refused because of their token.',
  'Failed attempts':
    'Attempts that failed for the moment (no answer, an error of the server) and are retried.',
  Failures: 'How often the bot could not go on without a person.',
  'Without a token': 'How long there was no usable token, in all.',
  'Last renewal took': 'From the wish for a new token until it was there.',
  'Last reconnect took': 'From the new token until the client ran with it.',
  Device: 'The device of the account that the bot is signed in on. It stays the same from login to login.',
  'Token’s fingerprint': 'Tells this access token from others. The token cannot be had from it.',
  Generation: 'Counts the tokens of this session: each refresh and each login adds one.',
  'Process began': 'When the bot’s process was started.',
  Version: 'The version of matrix-auth-machine, and of the Node that it runs on.',
};

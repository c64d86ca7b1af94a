import type { Warning } from './events.ts';

/** What the operator is told: what happened, why, and what happens next. */
export const warnings: Readonly<Record<Warning['kind'], string>> = {
  'refresh-refused':
    'The homeserver refused the refresh token (the session was logged out, its device was deleted, or the token was used elsewhere). ' +
    'The bot logs in again if it has credentials; otherwise it goes on until the access token expires.',
  'refresh-unsupported':
    'The homeserver does not know the endpoint /_matrix/client/v3/refresh, or a proxy in front of it does not route it. ' +
    'The bot logs in instead if it has credentials. Check the proxy, or turn refresh tokens on.',
  'login-refused':
    'The homeserver refused the user name and password, or does not offer such a login. The bot goes on until its access token is refused; give new credentials with provideCredentials() before that.',
  breaker:
    'The homeserver issued a token and refused it straight away. Something is wrong on its side, or the account was locked. ' +
    'The bot waits before it asks again, longer each time.',
  unpersisted:
    'The session store is away and the access token ran out, so the token was renewed without the store, as onStoreDown: "use-unpersisted" says. ' +
    'The new token is in this process alone, and is written as soon as the store is back. If the process ends before that, the session may be lost.',
  'lifetime-implausible':
    'The homeserver says that its access tokens live for less than a second, again and again. Perhaps it counts in seconds where the specification has milliseconds (expires_in_ms). ' +
    'The bot no longer renews them ahead of time: it uses each until it is refused.',
  'given-token-refused':
    'The homeserver refused the access token in ACCESS_TOKEN (or given with provideCredentials()), so the stored session goes on. Correct the variable, or remove it.',
  'given-token-of-another-user':
    'The access token in ACCESS_TOKEN (or given with provideCredentials()) belongs to another user than the stored session, which goes on. ' +
    "Give the right user's token, or give this bot a session store (or session name) of its own.",
};

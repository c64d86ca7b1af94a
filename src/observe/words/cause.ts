import type { Frame, FrameOutcome, FrameRefusal } from '../frame.ts';

/** Why the session came into the state of this frame, as a short sentence without a full stop. */
export function causeOf({ event, outcome, refusal, trouble, warnings }: Frame): string {
  if (warnings?.includes('unpersisted') === true)
    return 'The refresh token brought a new token, which is not stored yet: the store is away';
  const [service, end] = event.split(' ');
  if (end === 'done' && service !== undefined) return doneOf(service, outcome, refusal, trouble);
  if (end === 'error') return 'An unexpected error in a service';
  if (event === 'token.rejected') return rejectionOf(refusal);
  return sentences[event] ?? event;
}

const sentences: Readonly<Record<string, string>> = {
  observed: 'Watching began',
  start: 'Started',
  stop: 'Stopped by its owner',
  refresh: 'A new token was asked for',
  'token.doubted': 'An endpoint that is not believed refused the token',
  retry: 'Asked to try again at once',
  'session.adopted': 'Another process renewed the session',
  'credentials.provided': 'New credentials were given',
  'client.died': 'The client’s sync loop ended by itself',
  'leadership.changed': 'Which process syncs has changed',
  'logged.out': 'The session was logged out',
  'token.confirmed': 'A request with the token succeeded',
  'after renewalDue': 'The token was due for renewal',
  'after expiryDue': 'The old token runs out: requests wait now',
  'after backoff': 'The pause is over',
  'after breakerCooled': 'The pause after the refused token is over',
  'after clientPause': 'The pause before the client’s next start is over',
  'after lockProbe': 'Time to ask whether the account is unlocked',
};

const outcomes: Readonly<Record<string, string>> = {
  'restore restored': 'The stored session was read',
  'restore empty': 'There is no session yet',
  'restore unusable': 'The stored session cannot be used',
  'exchange renewed': 'The refresh token brought a new token',
  'exchange adopted': 'Another process had refreshed already',
  'exchange unusable': 'The stored session cannot be used',
  'logIn renewed': 'Logged in',
  'logIn adopted': 'Another process had logged in already',
  'logIn unusable': 'The stored session cannot be used',
  'identify identified': 'The token is this user’s',
  'identify someone-else': 'The token is another user’s',
  'check identified': 'The token is good: the one refusal is passed on',
  'check someone-else': 'The token is another user’s',
  'authorize renewed': 'A person approved the sign-in',
  'authorize adopted': 'Another process had signed in already',
  'authorize unusable': 'The stored session cannot be used',
  'probe identified': 'The account is unlocked',
  'probe someone-else': 'The token is another user’s',
  'connect connected': 'The client is live',
  'connect unusable': 'The client could not be started',
};

const requests: Readonly<Record<string, string>> = {
  restore: 'Reading the session',
  exchange: 'The refresh',
  logIn: 'The login',
  identify: 'The check of the token',
  check: 'The question whether the token is dead',
  authorize: 'The sign-in with a person’s approval',
  probe: 'The question whether it is unlocked',
  connect: 'Starting the client',
};

function doneOf(
  service: string,
  outcome: FrameOutcome | undefined,
  refusal: FrameRefusal | undefined,
  trouble: string | undefined,
): string {
  const request = requests[service] ?? service;
  if (refusal !== undefined) {
    if (service === 'probe' && refusal.meaning === 'locked') return 'The account is still locked';
    if (refusal.status === 0) return `${request} got no answer`;
    return `${request} ${refusal.meaning === 'transient' ? 'failed' : 'was refused'}: ${answerOf(refusal)}`;
  }
  if (outcome === 'trouble') return `${request} failed${trouble === undefined ? '' : `: ${trouble}`}`;
  return outcomes[`${service} ${outcome ?? ''}`] ?? `${request} ended`;
}

function rejectionOf(refusal: FrameRefusal | undefined): string {
  if (refusal === undefined) return 'The homeserver refused the token';
  const what = refusal.meaning === 'locked' ? 'says that the account is locked' : 'refused the token';
  return `The homeserver ${what}: ${answerOf(refusal)}`;
}

function answerOf({ status, errcode }: FrameRefusal): string {
  return errcode === undefined ? String(status) : `${status} ${errcode}`;
}

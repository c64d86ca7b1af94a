import type { Frame } from '../frame.ts';
import { failures } from './failures.ts';

/** A state in plain words, for the person on call: what it is, what is waited for, and what to do about it. */
export interface Situation {
  readonly headline: string;
  readonly waitsFor: string;
  readonly toDo: string;
  /** Whether `toDo` asks for anything now. */
  readonly urgent: boolean;
}

const NOTHING = 'Nothing.';
const IF_IT_LASTS =
  'Nothing yet: it tries again by itself. If it lasts, see whether the homeserver can be reached from here.';

export function situationOf(frame: Frame): Situation {
  const { state, detail, reason, expiresAt, tags } = frame;
  if (state === 'failed') {
    const { headline, toDo } = reason === undefined ? unknownFailure : failures[reason];
    return { headline, waitsFor: 'A person.', toDo, urgent: true };
  }
  if (detail === 'valid.resting' && expiresAt !== undefined) {
    return {
      headline: 'Signed in, until the token expires.',
      waitsFor: 'The end of the token. Nothing can renew it.',
      toDo: 'Give the bot a refresh token, or a user name and a password, before then.',
      urgent: true,
    };
  }
  const [, second = '', ...rest] = detail.split('.');
  const step = state === 'valid' ? second : (rest.at(-1) ?? second);
  const {
    headline,
    waitsFor,
    toDo = NOTHING,
    urgent = false,
  } = situations[detail] ?? situations[`${state}.${step}`] ?? situations[state] ?? unknown;
  const queue =
    state !== 'refreshing' && state !== 'reconnecting'
      ? ''
      : tags.includes('usable')
        ? ' No request waits.'
        : ' Requests wait.';
  return { headline: `${headline}${queue}`, waitsFor, toDo, urgent };
}

interface Words {
  readonly headline: string;
  readonly waitsFor: string;
  readonly toDo?: string;
  readonly urgent?: boolean;
}

const unknownFailure = {
  headline: 'The session has failed.',
  toDo: 'See the bot’s log for why; mend that, then restart the bot.',
};

const unknown: Words = { headline: 'No words are known for this state.', waitsFor: 'See the log.' };

const situations: Readonly<Record<string, Words>> = {
  'restoring.reading': { headline: 'Reading the stored session.', waitsFor: 'The session store.' },
  'restoring.backingOff': {
    headline: 'The session store or the homeserver cannot be reached.',
    waitsFor: 'The end of a pause; then it asks again.',
    toDo: 'Nothing yet: it tries again by itself. If it lasts, see whether both can be reached from here.',
  },
  'valid.scheduled': {
    headline: 'Signed in, and the client is live.',
    waitsFor: 'The time to renew the token.',
  },
  'valid.checking': {
    headline: 'Signed in. One request was refused, and the homeserver is asked whether the token is dead.',
    waitsFor: 'The homeserver’s answer to whoami. Other requests go on.',
  },
  'valid.backingOff': {
    headline:
      'Signed in. One request was refused, and the homeserver does not say whether the token is dead.',
    waitsFor: 'The end of a pause; then it asks again. Other requests go on.',
    toDo: IF_IT_LASTS,
  },
  'valid.resting': {
    headline: 'Signed in, and the client is live.',
    waitsFor: 'Nothing: as far as is known, the token does not expire.',
  },
  'refreshing.exchanging': {
    headline: 'Exchanging the refresh token.',
    waitsFor: 'The homeserver’s answer to the refresh.',
  },
  'refreshing.loggingIn': {
    headline: 'Logging in, on the same device as before.',
    waitsFor: 'The homeserver’s answer to the login.',
  },
  'refreshing.authorizing': {
    headline: 'A person has to approve the sign-in.',
    waitsFor: 'That person.',
    toDo: 'Approve it: the bot’s log has the link and the code.',
    urgent: true,
  },
  'refreshing.backingOff': {
    headline: 'There is no new token yet.',
    waitsFor: 'The end of a pause; then it asks again.',
    toDo: IF_IT_LASTS,
  },
  'refreshing.coolingDown': {
    headline: 'The homeserver refused a token that it had only just issued.',
    waitsFor: 'The end of a pause, longer each time.',
    toDo: 'Nothing yet. If it lasts, ask an administrator of the homeserver: its answers contradict each other.',
  },
  'reconnecting.verifying': {
    headline: 'Asking the homeserver whose token this is.',
    waitsFor: 'The homeserver’s answer to whoami.',
  },
  'reconnecting.connecting': {
    headline: 'Making the client live with the session.',
    waitsFor: 'The client.',
  },
  'reconnecting.backingOff': {
    headline: 'The homeserver did not say whose token this is.',
    waitsFor: 'The end of a pause; then it asks again.',
    toDo: IF_IT_LASTS,
  },
  'reconnecting.pausing': {
    headline: 'The client is not running.',
    waitsFor: 'The end of a pause; then the client is started again.',
    toDo: 'Nothing yet: it tries again by itself. If it lasts, see the bot’s log for why its client ends.',
  },
  locked: {
    headline: 'An administrator of the homeserver has locked the account.',
    waitsFor: 'The account to be unlocked. The bot asks now and then.',
    toDo: 'Ask an administrator to unlock it. The session is kept, and the bot comes back by itself.',
    urgent: true,
  },
  stopped: {
    headline: 'Stopped. Nothing runs any more.',
    waitsFor: 'Nothing.',
    toDo: 'Start the bot again when it is wanted. The session stays valid.',
  },
};

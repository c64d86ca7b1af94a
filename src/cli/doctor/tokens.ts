import { createHomeserver, troubleIn } from '../../adapters/homeserver/index.ts';
import { meaningOf, type Rejection, rejectionText } from '../../machines/index.ts';
import type { Secret } from '../../ports/index.ts';
import { oneLine } from '../words.ts';
import { type Finding, troubleFinding } from './finding.ts';
import type { SetUp } from './set-up.ts';
import type { SeenStore } from './store.ts';
import { sortOf } from './token-sort.ts';

const PATIENCE_MS = 10_000;

/** An access token, and what the homeserver says of it. */
export interface SeenToken {
  readonly from: 'store' | 'environment';
  /** `dead`: it has run out, was logged out or replaced. `unknown`: there was no answer that says. */
  readonly state: 'accepted' | 'dead' | 'locked' | 'deactivated' | 'unknown';
  readonly userId?: string;
  readonly deviceId?: string;
  readonly fingerprint: string;
  readonly generation?: number;
  readonly refreshable: boolean;
  readonly obtainedAt?: number;
  readonly expiresAt?: number;
  /** How the session is renewed, where not by the refresh token of the Matrix specification. */
  readonly kind?: string;
  /** For people: what its first letters tell. */
  readonly sort?: string;
  /** Its first letters say that OAuth 2.0 issued it: only the client that it was made for can renew it. */
  readonly oauth: boolean;
  /** The refresh token is spent by the first request that carries it. */
  readonly losesAnswers: boolean;
  readonly rejection?: Rejection;
}

type Asked = Pick<SeenToken, 'state' | 'userId' | 'deviceId' | 'rejection'>;

/** Asks the homeserver whose a token is, which spends nothing. */
async function ask(url: string, token: Secret, fetch: typeof globalThis.fetch): Promise<Asked> {
  const answer = await createHomeserver({ url, fetch, timeoutMs: PATIENCE_MS }).whoami(token);
  if (answer.ok) return { state: 'accepted', ...answer.value };
  const states: Partial<Record<string, SeenToken['state']>> = {
    'token-dead': 'dead',
    locked: 'locked',
    deactivated: 'deactivated',
  };
  return { state: states[meaningOf(answer.rejection)] ?? 'unknown', rejection: answer.rejection };
}

/** The token of the stored session; `undefined` where none is stored. */
export async function storedToken(
  { session, stored }: SeenStore,
  url: string | undefined,
  fetch: typeof globalThis.fetch,
): Promise<SeenToken | undefined> {
  const token = session?.accessToken;
  if (token === undefined || stored === undefined) return undefined;
  const { userId, deviceId, generation, refreshable = false, obtainedAt, expiresAt } = stored;
  return {
    from: 'store',
    ...(userId === undefined ? {} : { userId }),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(generation === undefined ? {} : { generation }),
    ...(obtainedAt === undefined ? {} : { obtainedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(session?.kind === undefined ? {} : { kind: session.kind }),
    ...sorted(token),
    fingerprint: token.fingerprint(),
    refreshable,
    ...(url === undefined ? { state: 'unknown' } : await ask(url, token, fetch)),
  };
}

/** The token that the environment gives; `undefined` where it gives none. */
export async function givenToken(
  { credentials: { accessToken, refreshToken } }: SetUp,
  url: string | undefined,
  fetch: typeof globalThis.fetch,
): Promise<SeenToken | undefined> {
  if (accessToken === undefined) return undefined;
  return {
    from: 'environment',
    ...sorted(accessToken),
    fingerprint: accessToken.fingerprint(),
    refreshable: refreshToken !== undefined,
    ...(url === undefined ? { state: 'unknown' } : await ask(url, accessToken, fetch)),
  };
}

function sorted(token: Secret): Pick<SeenToken, 'sort' | 'oauth' | 'losesAnswers'> {
  const sort = sortOf(token);
  return {
    ...(sort === undefined ? {} : { sort: sort.name }),
    oauth: sort?.oauth === true,
    losesAnswers: sort?.losesAnswers === true,
  };
}

/** What is to be said of a token for itself: what becomes of the session is another matter. */
export function tokenFindings(token: SeenToken, now: number): Finding[] {
  const name = nameOf(token);
  const { state, rejection, userId, deviceId, expiresAt } = token;
  if (state === 'accepted') {
    const where = deviceId === undefined ? 'on no device' : `on device ${deviceId}`;
    return [
      { level: 'good', code: 'token-accepted', says: `The homeserver takes ${name}: ${userId}, ${where}.` },
      ...(deviceId === undefined ? [withoutDevice] : []),
    ];
  }
  if (state === 'locked') {
    const says = 'The account is locked. The session is kept until it is unlocked.';
    const toDo = 'Ask an administrator of the homeserver to unlock the account.';
    return [{ level: 'attention', code: 'account-locked', says, toDo }];
  }
  if (state === 'deactivated') {
    const says = 'The account is deactivated, and a deactivated account does not come back.';
    return [{ level: 'attention', code: 'account-deactivated', says, toDo: 'Use another account.' }];
  }
  if (rejection === undefined) return [];
  if (state === 'unknown') return [unanswered(rejection, name, now)];
  const ranOut = rejection.softLogout === true || (expiresAt !== undefined && expiresAt <= now);
  return [
    ranOut
      ? { level: 'note', code: 'token-expired', says: `${capital(name)} has run out.` }
      : {
          level: 'note',
          code: 'token-refused',
          says: `The homeserver does not take ${name}: it has run out, was replaced by a newer one, or its session was logged out.`,
        },
  ];
}

const withoutDevice: Finding = {
  level: 'note',
  code: 'device-missing',
  says: 'The token is of no device, as those of an administrator or of an application service are. Encryption does not work with it.',
};

function unanswered(rejection: Rejection, name: string, now: number): Finding {
  const trouble = troubleIn(rejection, now);
  if (trouble !== undefined) return troubleFinding(trouble);
  if (meaningOf(rejection) === 'token-missing') {
    return {
      level: 'attention',
      code: 'authorization-stripped',
      says: `The homeserver answers that the request came without a token, and it carried ${name}.`,
      toDo: 'Most likely a proxy in front of the homeserver strips the Authorization header; let it pass the header on.',
    };
  }
  return {
    level: 'unknown',
    code: 'token-unchecked',
    says: `The homeserver does not say whether ${name} is good (${oneLine(rejectionText(rejection))}).`,
    toDo: 'Look the error up in the homeserver’s log, then ask again.',
  };
}

export function nameOf({ from }: Pick<SeenToken, 'from'>): string {
  return from === 'store' ? 'the stored session’s token' : 'the token in ACCESS_TOKEN';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

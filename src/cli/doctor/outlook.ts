import { defaultSchedule, renewalDueAt } from '../../machines/index.ts';
import type { Finding } from './finding.ts';
import {
  eachStart,
  follows,
  fragile,
  mustWait,
  packageMissing,
  overdue,
  possible,
  signIn,
  untried,
  untriedLogin,
} from './outlook-findings.ts';
import type { SeenServer } from './server.ts';
import type { SetUp } from './set-up.ts';
import type { SeenStore } from './store.ts';
import { nameOf, type SeenToken } from './tokens.ts';

/** What the bot does next by itself, or what happens to it. */
export interface Next {
  readonly what: string;
  /** In ms since the epoch; `undefined`: when is not known. */
  readonly at?: number;
}

export interface Outlook {
  readonly findings: readonly Finding[];
  readonly next: readonly Next[];
}

export interface Seen {
  readonly setUp: SetUp;
  readonly server: SeenServer;
  readonly store: SeenStore | undefined;
  readonly stored: SeenToken | undefined;
  readonly given: SeenToken | undefined;
  readonly now: number;
}

/** A renewal that is due for longer than this is done by nobody. */
const OVERDUE_MS = 60_000;

/** Of these a bot says so, and does not start. */
const stops: Partial<Record<Finding['code'], string>> = {
  'address-missing': 'the bot does not start: it knows no homeserver',
  'address-unusable': 'the bot does not start: the homeserver’s address cannot be used',
  'credentials-unusable': 'the bot does not start: what it is to sign in with cannot be used',
  'store-unusable': 'the bot does not start: its store cannot be used',
  'identity-mismatch': 'the bot fails at its start: it is to be two users',
  'user-of-another-server': 'the bot logs in at its start, and is refused',
};

/** What comes of all that, and when. `known` is what was found so far. */
export function outlookOf(seen: Seen, known: readonly Finding[]): Outlook {
  const stop = known.find(({ level, code }) => level === 'attention' && code in stops);
  if (stop !== undefined) return { findings: [], next: [{ what: stops[stop.code] ?? '' }] };
  if (!seen.server.answers) return { findings: [], next: [] };
  return outlookOfWorking(seen);
}

function outlookOfWorking(seen: Seen): Outlook {
  const { setUp, stored, given } = seen;
  const login = loginOf(seen);
  const token = stored ?? given;
  const isFragile = token?.refreshable === true && token.losesAnswers;
  const missing = token && packageMissing(token);
  const before = [
    ...login.findings,
    ...differs(seen),
    ...(isFragile ? [fragile] : []),
    ...(missing === undefined ? [] : [missing]),
  ];
  if (token === undefined) return withoutToken(seen, login, before);
  if (stored === undefined && given !== undefined && given.state === 'dead' && !given.refreshable) {
    return deadEnd(seen, login, before, given);
  }
  if (token.state === 'locked' || token.state === 'deactivated') return { findings: before, next: [] };
  if (token.state === 'dead' && !token.refreshable) return deadEnd(seen, login, before, token);
  if (token.oauth && token.kind !== 'oauth') return ofOAuth(seen, login, before, token);
  if (!token.refreshable) return cannotRenew(seen, login, before, token);
  if (missing?.level === 'attention') return { findings: before, next: [unrenewed(token)] };
  const isKept = token.from === 'store' || setUp.store !== undefined;
  if (!isKept && !login.possible) return unstored(before, token);
  return renews(seen, login, before, token);
}

interface Login {
  /** There is a user name with a password, and the homeserver offers that, as far as is known. */
  readonly possible: boolean;
  readonly findings: readonly Finding[];
}

function loginOf({ setUp, server, stored, given }: Seen): Login {
  const { login } = setUp.credentials;
  if (login === undefined) return { possible: false, findings: [] };
  const { loginFlows, oauth } = server;
  if (loginFlows === undefined) return { possible: true, findings: [] };
  if (loginFlows.includes('m.login.password')) {
    const says = 'The homeserver offers a login with user name and password.';
    return { possible: true, findings: [{ level: 'good', code: 'login-offered', says }] };
  }
  const flows = loginFlows.length === 0 ? 'none at all' : loginFlows.join(', ');
  const instead = oauth === undefined ? '' : ` It signs in by OAuth 2.0 (${oauth.issuer}).`;
  const isNeeded = (stored ?? given)?.state !== 'accepted';
  return {
    possible: false,
    findings: [
      {
        level: isNeeded ? 'attention' : 'note',
        code: 'login-not-offered',
        says: `The homeserver offers no login with user name and password (it offers: ${flows}), so MATRIX_PASSWORD is of no use.${instead}`,
        ...(isNeeded ? { toDo: signIn(server, setUp.store) } : {}),
      },
    ],
  };
}

/** The environment's token beside a stored session. */
function differs({ stored, given }: Seen): Finding[] {
  if (stored === undefined || given === undefined || stored.fingerprint === given.fingerprint) return [];
  const says =
    given.state === 'dead'
      ? 'ACCESS_TOKEN is another token than the stored session’s, and dead: the stored session is the newer. It can be removed.'
      : 'ACCESS_TOKEN is another token than the stored session’s. A bot that has not taken it yet does so at its next start, once the homeserver has accepted it.';
  return [{ level: 'note', code: 'given-token-differs', says }];
}

function withoutToken({ setUp, server, store }: Seen, login: Login, before: readonly Finding[]): Outlook {
  if (store?.usable === false) return { findings: before, next: [] };
  if (setUp.credentials.login === undefined) {
    const what = setUp.store === undefined ? 'There is' : 'Nothing is stored, and there is';
    return {
      findings: [
        ...before,
        {
          level: 'attention',
          code: 'credentials-missing',
          says: `${what} nothing to sign in with.`,
          toDo: `${signIn(server, setUp.store)} Or set MATRIX_USERNAME and MATRIX_PASSWORD.`,
        },
      ],
      next: [],
    };
  }
  if (!login.possible) return { findings: before, next: [] };
  return {
    findings: [
      ...before,
      untriedLogin,
      ...(setUp.store === undefined ? [eachStart] : []),
      ...mustWait(store),
    ],
    next: [{ what: 'the bot logs in at its start, and refreshes from then on' }, ...waitOf(store)],
  };
}

function deadEnd(seen: Seen, login: Login, before: readonly Finding[], token: SeenToken): Outlook {
  if (login.possible) {
    return {
      findings: [...before, follows, untriedLogin, ...mustWait(seen.store)],
      next: [{ what: 'the bot logs in at its start, or at its next request' }, ...waitOf(seen.store)],
    };
  }
  return {
    findings: [
      ...before,
      {
        level: 'attention',
        code: 'renewal-impossible',
        says: `There is no refresh token and no password to get another token with: the bot is signed out, since ${nameOf(token)} is dead.`,
        toDo: `${signIn(seen.server, seen.setUp.store)} Or set MATRIX_USERNAME and MATRIX_PASSWORD.`,
      },
    ],
    next: [],
  };
}

function cannotRenew(
  { server, setUp }: Seen,
  login: Login,
  before: readonly Finding[],
  token: SeenToken,
): Outlook {
  const { expiresAt } = token;
  const end = expiresAt === undefined ? {} : { at: expiresAt };
  if (login.possible) {
    return {
      findings: [...before, follows, untriedLogin],
      next: [{ what: 'the token ends, and the bot logs in', ...end }],
    };
  }
  return {
    findings: [
      ...before,
      {
        level: 'attention',
        code: 'renewal-impossible',
        says: 'This access token cannot be renewed, and there is no password: when it ends, the bot ends. When that is, only the homeserver knows.',
        toDo: `${signIn(server, setUp.store)} Or set MATRIX_USERNAME and MATRIX_PASSWORD${token.from === 'store' ? '' : ' beside ACCESS_TOKEN'}.`,
      },
    ],
    next: [{ what: 'the token ends, and the bot is signed out', ...end }],
  };
}

function unrenewed({ expiresAt }: SeenToken): Next {
  const what = 'the token ends, and the bot cannot renew it';
  return expiresAt === undefined ? { what } : { what, at: expiresAt };
}

function ofOAuth(
  { server, setUp }: Seen,
  login: Login,
  before: readonly Finding[],
  { refreshable }: SeenToken,
): Outlook {
  return {
    findings: [
      ...before,
      {
        level: login.possible ? 'note' : 'attention',
        code: 'token-copied',
        says: `The access token is of an OAuth 2.0 session, such as one that was copied from Element: it ends within minutes, and only the client that it was made for can renew it.${refreshable ? ' Its refresh token is of no use to the bot.' : ''}`,
        ...(login.possible ? {} : { toDo: signIn(server, setUp.store) }),
      },
      ...(login.possible ? [follows] : []),
    ],
    next: [
      { what: `the token ends within minutes, and the bot ${login.possible ? 'logs in' : 'is signed out'}` },
    ],
  };
}

function unstored(before: readonly Finding[], token: SeenToken): Outlook {
  return {
    findings: [
      ...before,
      {
        level: 'attention',
        code: 'renewal-unstored',
        says: 'MATRIX_REFRESH_TOKEN is spent at the first refresh, and its successor is kept in memory only: after a restart the bot is signed out.',
        toDo: 'Give the bot a session store (sessions: sqliteSessions("bot.db")), and look at both with --store.',
      },
    ],
    next: [
      { what: `the bot refreshes ${token.state === 'dead' ? 'at its start' : 'when the token ends'}` },
      { what: 'the bot is signed out at its next restart' },
    ],
  };
}

function renews(seen: Seen, login: Login, before: readonly Finding[], token: SeenToken): Outlook {
  const { now, store } = seen;
  if (token.state === 'accepted') {
    const { generation, obtainedAt, expiresAt, fingerprint } = token;
    const planned = generation !== undefined && obtainedAt !== undefined && expiresAt !== undefined;
    const at = planned
      ? renewalDueAt(
          { generation, obtainedAt, expiresAt, fingerprint, refreshable: true },
          defaultSchedule,
          0,
        )
      : undefined;
    const isOverdue = at !== undefined && at + OVERDUE_MS < now;
    return {
      findings: [...before, possible, ...(isOverdue ? [overdue(at, now)] : [])],
      next: [
        at === undefined || isOverdue
          ? { what: `the bot refreshes ${isOverdue ? 'at its start' : 'when the token ends'}` }
          : { what: 'the bot refreshes', at },
      ],
    };
  }
  if (token.state === 'unknown') return { findings: before, next: [] };
  if (login.possible) {
    const what = 'the bot refreshes at its start; if that is refused, it logs in';
    return { findings: [...before, possible, follows, ...mustWait(store)], next: [{ what }] };
  }
  const ranOut = token.rejection?.softLogout === true || (token.expiresAt ?? now + 1) <= now;
  return {
    findings: [...before, untried(ranOut, signIn(seen.server, seen.setUp.store))],
    next: [{ what: 'the bot refreshes at its start' }],
  };
}

function waitOf(store: SeenStore | undefined): Next[] {
  const at = store?.stored?.nextLoginAt;
  return at === undefined || mustWait(store).length === 0 ? [] : [{ what: 'a login may be tried', at }];
}

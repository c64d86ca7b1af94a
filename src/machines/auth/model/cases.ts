import type { SnapshotFrom } from 'xstate';
import type { EventCase } from '../../../statechart/paths/types.ts';
import type { authMachine } from '../machine.ts';
import type { ConnectOutcome, IdentifyOutcome, RenewOutcome, RestoreOutcome } from '../services.ts';
import type { Rejection } from '../rejections.ts';
import type { Session } from '../session.ts';

type AuthSnapshot = SnapshotFrom<typeof authMachine>;
type AuthCase = EventCase<typeof authMachine>;

/** The lifetime that Synapse and matrix.org give to access tokens by default. */
const LIFETIME_MS = 300_000;

const userId = '@bot:example.org';
const deviceId = 'BOTDEVICE';

function session(generation: number, over: Partial<Session> = {}): Session {
  const now = Date.now();
  return {
    userId,
    deviceId,
    generation,
    // Any eight hexadecimal digits will do, as long as they are others for the next token.
    fingerprint: (generation * 0x1234567).toString(16).padStart(8, '0').slice(-8),
    obtainedAt: now,
    expiresAt: now + LIFETIME_MS,
    refreshable: true,
    ...over,
  };
}

function withoutExpiry({ expiresAt: _, ...rest }: Session): Session {
  return { ...rest, refreshable: false };
}

function withoutRefresh(of: Session): Session {
  return { ...of, refreshable: false };
}

const generationOf = ({ context }: AuthSnapshot) => context.session?.generation ?? 0;
const next = (snapshot: AuthSnapshot) => session(generationOf(snapshot) + 1);
const output = <O>(outcome: O) => ({ output: outcome });
const error = () => ({ error: new Error('a bug in an adapter') });

const rejection = (endpoint: Rejection['endpoint'], status: number, errcode: string): Rejection => ({
  endpoint,
  status,
  errcode,
});
const refused = (endpoint: Rejection['endpoint'], status: number, errcode: string) => () =>
  output({ outcome: 'refused' as const, rejection: rejection(endpoint, status, errcode) });
const rateLimited = (endpoint: Rejection['endpoint']) => () =>
  output({
    outcome: 'refused' as const,
    rejection: { ...rejection(endpoint, 429, 'M_LIMIT_EXCEEDED'), retryAfterMs: 30_000 },
  });
const trouble = (endpoint: string) => () =>
  output({ outcome: 'trouble' as const, why: `${endpoint}: the homeserver could not be reached` });
const unusable = () => output<RenewOutcome>({ outcome: 'unusable', reason: 'store-unusable' });

const restore = (name: string, outcome: () => RestoreOutcome): AuthCase => ({
  name,
  event: 'restore done',
  with: () => output(outcome()),
});

const restoring: readonly AuthCase[] = [
  restore('session restored', () => ({ outcome: 'restored', session: session(1), canLogIn: true })),
  restore('session restored without password', () => ({
    outcome: 'restored',
    session: session(1),
    canLogIn: false,
  })),
  restore('expired session restored', () => ({
    outcome: 'restored',
    session: session(1, { obtainedAt: Date.now() - 2 * LIFETIME_MS, expiresAt: Date.now() - LIFETIME_MS }),
    canLogIn: true,
  })),
  restore('session restored, given token refused', () => ({
    outcome: 'restored',
    session: session(1),
    canLogIn: true,
    givenToken: 'refused',
  })),
  restore('session restored, given token of another user', () => ({
    outcome: 'restored',
    session: session(1),
    canLogIn: true,
    givenToken: 'someone-else',
  })),
  restore('session restored, given token not tried', () => ({
    outcome: 'restored',
    session: session(1),
    canLogIn: false,
    tokenGiven: true,
  })),
  restore('person needed', () => ({ outcome: 'empty', canLogIn: false, canAuthorize: true })),
  restore('session restored, person needed', () => ({
    outcome: 'restored',
    session: withoutRefresh(session(1)),
    canLogIn: false,
    canAuthorize: true,
  })),
  restore('token and password given', () => ({
    outcome: 'restored',
    session: withoutExpiry(session(1)),
    canLogIn: true,
  })),
  restore('token alone given', () => ({
    outcome: 'restored',
    session: withoutExpiry(session(1)),
    canLogIn: false,
  })),
  restore('password given', () => ({ outcome: 'empty', canLogIn: true })),
  restore('nothing given', () => ({ outcome: 'empty', canLogIn: false })),
  restore('store unusable', () => ({ outcome: 'unusable', reason: 'store-unusable' })),
  restore('store out of reach', () => ({
    outcome: 'trouble',
    why: 'the session store could not be reached',
  })),
  { name: 'store threw', event: 'restore error', with: error },
];

const renewing: readonly AuthCase[] = [
  {
    name: 'refresh accepted',
    event: 'exchange done',
    with: (snapshot) => output<RenewOutcome>({ outcome: 'renewed', session: next(snapshot) }),
  },
  {
    name: 'another process had refreshed',
    event: 'exchange done',
    with: (snapshot) => output<RenewOutcome>({ outcome: 'adopted', session: next(snapshot) }),
  },
  {
    name: 'refresh accepted, token expired on arrival',
    event: 'exchange done',
    with: (snapshot) =>
      output<RenewOutcome>({
        outcome: 'renewed',
        session: session(generationOf(snapshot) + 1, { expiresAt: Date.now() }),
      }),
  },
  { name: 'refresh refused', event: 'exchange done', with: refused('refresh', 401, 'M_UNKNOWN_TOKEN') },
  { name: 'refresh unsupported', event: 'exchange done', with: refused('refresh', 404, 'M_UNRECOGNIZED') },
  {
    name: 'refresh met a locked account',
    event: 'exchange done',
    with: refused('refresh', 401, 'M_USER_LOCKED'),
  },
  {
    name: 'refresh met a deactivated account',
    event: 'exchange done',
    with: refused('refresh', 403, 'M_USER_DEACTIVATED'),
  },
  { name: 'refreshed session not storable', event: 'exchange done', with: unusable },
  { name: 'refresh out of reach', event: 'exchange done', with: trouble('refresh') },
  { name: 'refresh rate limited', event: 'exchange done', with: rateLimited('refresh') },
  { name: 'refresh threw', event: 'exchange error', with: error },

  {
    name: 'login accepted',
    event: 'logIn done',
    with: (snapshot) => output<RenewOutcome>({ outcome: 'renewed', session: next(snapshot) }),
  },
  {
    name: 'another process had logged in',
    event: 'logIn done',
    with: (snapshot) => output<RenewOutcome>({ outcome: 'adopted', session: next(snapshot) }),
  },
  { name: 'login refused', event: 'logIn done', with: refused('login', 403, 'M_FORBIDDEN') },
  { name: 'login unsupported', event: 'logIn done', with: refused('login', 404, 'M_UNRECOGNIZED') },
  { name: 'login met a locked account', event: 'logIn done', with: refused('login', 401, 'M_USER_LOCKED') },
  {
    name: 'login met a deactivated account',
    event: 'logIn done',
    with: refused('login', 403, 'M_USER_DEACTIVATED'),
  },
  { name: 'new session not storable', event: 'logIn done', with: unusable },
  { name: 'login out of reach', event: 'logIn done', with: trouble('login') },
  { name: 'login rate limited', event: 'logIn done', with: rateLimited('login') },
  {
    name: 'one way to sign in refused, another left',
    event: 'logIn done',
    with: () =>
      output<RenewOutcome>({
        outcome: 'refused',
        rejection: rejection('login', 403, 'M_FORBIDDEN'),
        waysLeft: true,
        canLogIn: false,
      }),
  },
  { name: 'login threw', event: 'logIn error', with: error },

  {
    name: 'sign-in approved',
    event: 'authorize done',
    with: (snapshot) => output<RenewOutcome>({ outcome: 'renewed', session: next(snapshot) }),
  },
  {
    name: 'one way to approve refused, another left',
    event: 'authorize done',
    with: () =>
      output<RenewOutcome>({
        outcome: 'refused',
        rejection: rejection('login', 403, 'M_FORBIDDEN'),
        waysLeft: true,
      }),
  },
  { name: 'approval refused', event: 'authorize done', with: refused('login', 403, 'M_FORBIDDEN') },
  {
    name: 'approval met a locked account',
    event: 'authorize done',
    with: refused('login', 401, 'M_USER_LOCKED'),
  },
  { name: 'approved session not storable', event: 'authorize done', with: unusable },
  { name: 'approval did not come in time', event: 'authorize done', with: trouble('login') },
  { name: 'approval threw', event: 'authorize error', with: error },
];

const identify = (
  event: 'identify done' | 'check done' | 'probe done',
  name: string,
  outcome: IdentifyOutcome,
): AuthCase => ({
  name,
  event,
  with: () => output(outcome),
});
const whoami = (status: number, errcode: string): IdentifyOutcome => ({
  outcome: 'refused',
  rejection: rejection('whoami', status, errcode),
});

const identifying: readonly AuthCase[] = [
  identify('identify done', 'identified', { outcome: 'identified', userId, deviceId }),
  identify('identify done', 'identified as someone else', { outcome: 'someone-else' }),
  identify('identify done', 'token refused by whoami', whoami(401, 'M_UNKNOWN_TOKEN')),
  identify('identify done', 'whoami met a locked account', whoami(401, 'M_USER_LOCKED')),
  identify('identify done', 'whoami met a deactivated account', whoami(403, 'M_USER_DEACTIVATED')),
  identify('identify done', 'identity not storable', { outcome: 'unusable', reason: 'store-unusable' }),
  { name: 'whoami out of reach', event: 'identify done', with: trouble('whoami') },
  { name: 'whoami rate limited', event: 'identify done', with: rateLimited('whoami') },
  { name: 'whoami threw', event: 'identify error', with: error },

  identify('check done', 'token found alive', { outcome: 'identified', userId, deviceId }),
  identify('check done', 'token found to be of someone else', { outcome: 'someone-else' }),
  identify('check done', 'token found dead', whoami(401, 'M_UNKNOWN_TOKEN')),
  identify('check done', 'account found locked', whoami(401, 'M_USER_LOCKED')),
  identify('check done', 'account found deactivated', whoami(403, 'M_USER_DEACTIVATED')),
  identify('check done', 'checked identity not storable', { outcome: 'unusable', reason: 'store-unusable' }),
  { name: 'check out of reach', event: 'check done', with: trouble('whoami') },
  { name: 'check threw', event: 'check error', with: error },

  identify('probe done', 'unlocked', { outcome: 'identified', userId, deviceId }),
  identify('probe done', 'unlocked as someone else', { outcome: 'someone-else' }),
  identify('probe done', 'token refused after the lock', whoami(401, 'M_UNKNOWN_TOKEN')),
  identify('probe done', 'still locked', whoami(401, 'M_USER_LOCKED')),
  identify('probe done', 'deactivated while locked', whoami(403, 'M_USER_DEACTIVATED')),
  { name: 'probe out of reach', event: 'probe done', with: trouble('whoami') },
  { name: 'probe threw', event: 'probe error', with: error },
];

const connecting: readonly AuthCase[] = [
  {
    name: 'connected',
    event: 'connect done',
    with: () => output<ConnectOutcome>({ outcome: 'connected' }),
  },
  {
    name: 'client unusable',
    event: 'connect done',
    with: () => output<ConnectOutcome>({ outcome: 'unusable', reason: 'client-failed' }),
  },
  {
    name: 'connected with a token that was replaced since',
    event: 'connect done',
    with: () => output<ConnectOutcome>({ outcome: 'connected', generation: 0 }),
  },
  {
    name: 'client not startable yet',
    event: 'connect done',
    with: () => output<ConnectOutcome>({ outcome: 'trouble', why: 'the session store could not be reached' }),
  },
  { name: 'client threw', event: 'connect error', with: error },
];

const tokenRejected = (name: string, errcode: string, age: number): AuthCase => ({
  name,
  event: 'token.rejected',
  with: (snapshot) => ({
    generation: generationOf(snapshot) - age,
    rejection: rejection('other', 401, errcode),
  }),
});

const fromOutside: readonly AuthCase[] = [
  tokenRejected('token rejected', 'M_UNKNOWN_TOKEN', 0),
  tokenRejected('old token rejected', 'M_UNKNOWN_TOKEN', 1),
  tokenRejected('account locked', 'M_USER_LOCKED', 0),
  {
    name: 'token confirmed',
    event: 'token.confirmed',
    with: (snapshot) => ({ generation: generationOf(snapshot) }),
  },
  {
    name: 'old token confirmed',
    event: 'token.confirmed',
    with: (snapshot) => ({ generation: generationOf(snapshot) - 1 }),
  },
  {
    name: 'token doubted',
    event: 'token.doubted',
    with: (snapshot) => ({ generation: generationOf(snapshot) }),
  },
  {
    name: 'old token doubted',
    event: 'token.doubted',
    with: (snapshot) => ({ generation: generationOf(snapshot) - 1 }),
  },
  { name: 'refresh asked for', event: 'refresh' },
  { name: 'retry asked for', event: 'retry' },
  { name: 'credentials provided', event: 'credentials.provided', with: () => ({ canLogIn: true }) },
  {
    name: 'token without password provided',
    event: 'credentials.provided',
    with: () => ({ canLogIn: false, token: true }),
    aside: true,
  },
  { name: 'client died', event: 'client.died', aside: true },
  {
    name: 'client died after a while',
    event: 'client.died',
    when: (snapshot) => snapshot.matches('valid'),
    afterMs: 120_000,
    aside: true,
  },
  { name: 'leadership changed', event: 'leadership.changed', aside: true },
  {
    name: 'newer session adopted',
    event: 'session.adopted',
    with: (snapshot) => ({ session: next(snapshot) }),
    aside: true,
  },
  {
    name: 'old session met',
    event: 'session.adopted',
    when: (snapshot) => snapshot.context.session !== undefined,
    with: (snapshot) => ({ session: session(generationOf(snapshot)) }),
  },
  {
    name: 'newer session of another device adopted',
    event: 'session.adopted',
    when: (snapshot) => snapshot.matches({ reconnecting: 'connecting' }),
    with: (snapshot) => ({ session: session(generationOf(snapshot) + 1, { deviceId: 'OTHER' }) }),
    aside: true,
  },
  { name: 'logged out', event: 'logged.out', aside: true },
  { name: 'stopped', event: 'stop', aside: true },
];

const timers: readonly AuthCase[] = [
  { name: 'renewal due', event: 'after renewalDue' },
  { name: 'token about to expire', event: 'after expiryDue' },
  { name: 'backoff over', event: 'after backoff' },
  { name: 'client pause over', event: 'after clientPause' },
  { name: 'breaker cooled', event: 'after breakerCooled' },
  { name: 'probe due', event: 'after lockProbe' },
];

/**
 * What can happen to a session, in words: the outcomes of the services, the homeserver's refusals by their meaning, the
 * events from outside, the timers. Add your own for a machine that you extended.
 */
export const authCases: readonly AuthCase[] = [
  ...restoring,
  ...renewing,
  ...identifying,
  ...connecting,
  ...timers,
  ...fromOutside,
];

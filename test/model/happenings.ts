import type { Fault } from '../../src/testing/index.ts';
import { SessionStoreError } from '../../src/index.ts';
import { canaryPassword } from '../support/both.ts';
import { logInElsewhere, refreshElsewhere } from './elsewhere.ts';
import { type HeldBot, REFUSED_PATH } from './held-bot.ts';
import { printOf } from './held-ports.ts';
import { DEVICE } from './stage.ts';

/** What is done to bring an event about, and which request the session sends for it. */
export interface Happening {
  readonly done: (bot: HeldBot, timer: string) => void | Promise<void>;
  readonly asks?: 'login' | 'refresh' | 'account/whoami';
  /** A service waits, and is let go on after this. */
  readonly released: boolean;
  /** It is played to the session, not shown by the homeserver. */
  readonly staged?: true;
}

const released = (done: Happening['done'], asks?: Happening['asks']): Happening => ({
  done,
  released: true,
  ...(asks === undefined ? {} : { asks }),
});
const staged = (...of: Parameters<typeof released>): Happening => ({ ...released(...of), staged: true });
const outside = (done: Happening['done']): Happening => ({ done, released: false });
const nothing = () => {};
const onTheWay = (asks: NonNullable<Happening['asks']>, fault: Fault) =>
  staged(({ stage }) => void stage.proxy.inject({ match: { path: `/${asks}` }, fault }), asks);
const answer = (status: number, body: object, headers = {}): Fault => ({
  kind: 'answer',
  status,
  body,
  headers,
});
const refusal = (status: number, errcode: string) => answer(status, { errcode, error: 'no' });
const limit = answer(429, { errcode: 'M_LIMIT_EXCEEDED' }, { 'retry-after': '30' });
const inStore = (fault: () => Error, asks?: Happening['asks']) =>
  staged((bot) => {
    bot.store.fault = fault();
  }, asks);
const unusable = () => new SessionStoreError('The record cannot be read.', { permanent: true });
const away = () => new SessionStoreError('The store is away.', { permanent: false });
const bug = () => new TypeError('a bug in a store');
const timer = outside((bot, event) => bot.clock.fire(event));

/** There is a way to sign in that was not refused. */
export function canSignIn({ snapshot: { context } }: HeldBot): boolean {
  return context.canLogIn && context.loginRefused === undefined;
}

const expire = (bot: HeldBot) => bot.expire();

const lock = (bot: HeldBot) => bot.stage.homeserver.setLocked(bot.account.userId, true);
const unlock = (bot: HeldBot) => bot.stage.homeserver.setLocked(bot.account.userId, false);
const someoneElse = answer(200, { user_id: '@someone:else.example', device_id: 'THEIRS', is_guest: false });

/** How each case of the plans is brought about. A case that is not here cannot be. */
export const happenings: Readonly<Record<string, Happening>> = {
  'session restored': released((bot) => bot.writeFirst()),
  'session restored without password': released((bot) => bot.writeFirst({ given: true })),
  'expired session restored': released(async (bot) => {
    await bot.writeFirst({ expired: true });
    if (!bot.homeserverIsLate) await expire(bot);
    bot.knownDead.add(printOf(await bot.accessToken()));
  }),
  'token and password given': released(nothing),
  'token alone given': released(nothing),
  'password given': released(nothing),
  'nothing given': released(nothing),
  'store unusable': inStore(unusable),
  'store out of reach': inStore(away),
  'store threw': inStore(bug),

  'refresh accepted': released(nothing, 'refresh'),
  'another process had refreshed': released(refreshElsewhere),
  // Where that is the end of the session, it is asked for once more.
  'refresh refused': staged(async (bot) => {
    // So is the refresh token that was spent for the present pair, where it is kept.
    const times = (canSignIn(bot) ? 1 : 2) * ((await bot.hasSpare()) ? 2 : 1);
    bot.stage.proxy.inject({ match: { path: '/refresh' }, times, fault: refusal(401, 'M_UNKNOWN_TOKEN') });
  }, 'refresh'),
  'refresh unsupported': onTheWay('refresh', refusal(404, 'M_UNRECOGNIZED')),
  'refresh met a locked account': onTheWay('refresh', refusal(401, 'M_USER_LOCKED')),
  'refresh met a deactivated account': onTheWay('refresh', refusal(403, 'M_USER_DEACTIVATED')),
  'refreshed session not storable': inStore(unusable),
  'refresh out of reach': onTheWay('refresh', { kind: 'cut' }),
  'answer to the refresh lost': onTheWay('refresh', { kind: 'lose-response' }),
  'refresh rate limited': onTheWay('refresh', limit),
  'refresh threw': inStore(bug),

  'login accepted': released(unlock, 'login'),
  'another process had logged in': released(logInElsewhere),
  'login refused': released(
    ({ stage, account }) =>
      stage.homeserver.setPassword(account.userId, canaryPassword(), { logoutDevices: false }),
    'login',
  ),
  'login unsupported': onTheWay('login', refusal(404, 'M_UNRECOGNIZED')),
  'login met a locked account': released(lock, 'login'),
  'login met a deactivated account': onTheWay('login', refusal(403, 'M_USER_DEACTIVATED')),
  'new session not storable': inStore(unusable),
  'login out of reach': onTheWay('login', { kind: 'cut' }),
  'answer to the login lost': onTheWay('login', { kind: 'lose-response' }),
  // The session does not log in before the time that it is told, whatever its timers say: so it is told none.
  'login rate limited': onTheWay('login', refusal(429, 'M_LIMIT_EXCEEDED')),
  'login threw': inStore(bug),

  identified: released(nothing, 'account/whoami'),
  'identified as someone else': onTheWay('account/whoami', someoneElse),
  'token refused by whoami': released(expire, 'account/whoami'),
  'whoami met a locked account': released(lock, 'account/whoami'),
  'whoami met a deactivated account': onTheWay('account/whoami', refusal(403, 'M_USER_DEACTIVATED')),
  'identity not storable': inStore(unusable, 'account/whoami'),
  'whoami out of reach': onTheWay('account/whoami', { kind: 'cut' }),
  'whoami rate limited': onTheWay('account/whoami', limit),
  'whoami threw': inStore(bug, 'account/whoami'),

  'token found alive': released(nothing, 'account/whoami'),
  'token found to be of someone else': onTheWay('account/whoami', someoneElse),
  'token found dead': released(expire, 'account/whoami'),
  'account found locked': released(lock, 'account/whoami'),
  'account found deactivated': onTheWay('account/whoami', refusal(403, 'M_USER_DEACTIVATED')),
  'checked identity not storable': inStore(unusable, 'account/whoami'),
  'check out of reach': onTheWay('account/whoami', { kind: 'cut' }),
  'check threw': inStore(bug, 'account/whoami'),

  unlocked: released(unlock, 'account/whoami'),
  'unlocked as someone else': onTheWay('account/whoami', someoneElse),
  'token refused after the lock': released(async (bot) => {
    await unlock(bot);
    await expire(bot);
  }, 'account/whoami'),
  'still locked': released(nothing, 'account/whoami'),
  'deactivated while locked': onTheWay('account/whoami', refusal(403, 'M_USER_DEACTIVATED')),
  'probe out of reach': onTheWay('account/whoami', { kind: 'cut' }),
  'probe threw': released(async (bot) => {
    await unlock(bot);
    bot.store.fault = bug();
  }, 'account/whoami'),

  connected: released(nothing),
  'client not startable yet': staged((bot) => {
    bot.client.fault = away();
  }),
  'client unusable': released((bot) => {
    bot.setUpThrows = new Error('a bug in the bot');
  }),

  'token rejected': outside(async (bot) => {
    if (bot.fooled) {
      const fault = refusal(401, 'M_UNKNOWN_TOKEN');
      bot.stage.proxy.inject({ match: { path: REFUSED_PATH }, fault });
    } else await expire(bot);
    bot.ask();
  }),
  'account locked': outside(async (bot) => {
    await lock(bot);
    bot.ask();
  }),
  'refresh asked for': outside((bot) => void bot.auth.refresh().catch(nothing)),
  'retry asked for': outside(({ auth }) => auth.retry()),
  'credentials provided': outside(({ auth, account: { localpart, password } }) =>
    auth.provideCredentials({ username: localpart, password, deviceId: DEVICE }),
  ),
  'token without password provided': outside((bot) => {
    bot.givenToken = true;
    bot.auth.provideCredentials({ accessToken: bot.account.tokens.access_token });
  }),
  'client died': outside((bot) => bot.clientDies()),
  'client died after a while': outside((bot) => {
    bot.passTime(120_000);
    bot.clientDies();
  }),
  'newer session adopted': outside(async (bot) => {
    if (bot.generation === 0) await bot.writeFirst();
    else await refreshElsewhere(bot);
    bot.store.hint();
  }),
  stopped: outside((bot) => bot.stop()),

  'renewal due': timer,
  'token about to expire': timer,
  'backoff over': timer,
  'client pause over': timer,
  'breaker cooled': timer,
  'probe due': timer,
};

const givenToken = 'a bot of the plans has no stored session and a token beside it; test/auth has it';
const severalWays = 'a bot of the plans signs in by its password alone; test/auth has it';

/** What only the bare machine can be shown, and why. */
export const notDrivable: Readonly<Record<string, string>> = {
  'client threw': 'the module takes whatever a client throws for an outcome',
  'old token doubted': 'in these plans there was no token before',
  'old token rejected': 'in these plans there was no token before',
  'old token confirmed': 'in these plans there was no token before',
  'token confirmed': 'there is no token yet',
  'leadership changed': 'who leads is settled between processes',
  'old session met': 'the module tells the machine of newer sessions only',
  'session restored, given token refused': givenToken,
  'session restored, given token of another user': givenToken,
  'session restored, given token not tried': givenToken,
  'person needed': severalWays,
  'session restored, person needed': severalWays,
  'refresh accepted, token expired on arrival': 'every token of these homeservers lives for five minutes',
  'one way to sign in refused, another left': severalWays,
  'sign-in approved': severalWays,
  'one way to approve refused, another left': severalWays,
  'approval refused': severalWays,
  'approval met a locked account': severalWays,
  'approved session not storable': severalWays,
  'approval did not come in time': severalWays,
  'approval threw': severalWays,
  'connected with a token that was replaced since': 'the client is let connect in one step',
  'newer session of another device adopted': 'whoever signs in elsewhere does so on the same device',
  'logged out': 'the plans log out before there is a session',
  'token doubted': 'an endpoint must have been found wrong before; test/auth and test/adapters/fetch have it',
};

import { commandFor, hasBotOAuth, isOAuthInstalled } from '../session/oauth-package.ts';
import type { StoreAddress } from '../source/source.ts';
import { when } from '../words.ts';
import type { Finding } from './finding.ts';
import type { SeenServer } from './server.ts';
import type { SeenStore } from './store.ts';
import type { SeenToken } from './tokens.ts';

/** How to get a session that renews itself. */
export function signIn({ url, loginFlows, oauth }: SeenServer, store: StoreAddress | undefined): string {
  const place = store?.kind === 'postgres' ? 'postgres' : (store?.place ?? 'bot.db');
  const then = store === undefined ? ', and give the bot that store' : '';
  // Where there is a password, too, whoever runs it has the choice.
  const isByOAuth = oauth !== undefined && loginFlows?.includes('m.login.password') === false;
  const way = isByOAuth ? ` --with ${oauth.deviceGrant ? 'device' : 'browser'}` : '';
  return `Sign in once: ${commandFor(isByOAuth)} login ${url ?? 'SERVER'}${way} --store ${place}${then}.`;
}

/** The bot cannot renew the session, or whether it can is not known here; `undefined` where all is well. */
export function packageMissing({ kind }: SeenToken): Finding | undefined {
  if (kind !== 'oauth') return undefined;
  const code = 'package-missing';
  const hasIt = hasBotOAuth(process.cwd());
  if (hasIt === true || (hasIt === undefined && isOAuthInstalled())) return undefined;
  return hasIt === false
    ? {
        level: 'attention',
        code,
        says: 'The session is renewed by OAuth 2.0, and the package that this takes is not installed in this folder: when the token ends, the bot cannot renew it.',
        toDo: 'Run in the bot’s folder: npm install oauth4webapi',
      }
    : {
        level: 'note',
        code,
        says: 'The session is renewed by OAuth 2.0, which takes the package oauth4webapi beside the bot. Whether it is there cannot be seen from here: run this in the bot’s folder.',
      };
}

export const possible: Finding = {
  level: 'good',
  code: 'renewal-possible',
  says: 'There is a refresh token: the session renews itself.',
};

export const fragile: Finding = {
  level: 'note',
  code: 'renewal-fragile',
  says: 'This homeserver spends a refresh token with the first request that carries it: where the answer to a refresh is lost on the way, the session has ended, and a login is needed.',
};

export const follows: Finding = {
  level: 'good',
  code: 'login-follows',
  says: 'There is a user name with a password: when the token is dead, the bot logs in on the same device.',
};

export const untriedLogin: Finding = {
  level: 'note',
  code: 'login-untried',
  says: 'The password was not tried, since each login counts: --try does it once, on a device of its own that is removed again.',
};

export const eachStart: Finding = {
  level: 'note',
  code: 'login-each-start',
  says: 'Without a session store each start is a login, and homeservers allow few (Synapse: five, then one in five minutes). Give the bot one, such as sqliteSessions("bot.db").',
};

export function overdue(at: number, now: number): Finding {
  return {
    level: 'note',
    code: 'renewal-overdue',
    says: `The token was to be renewed ${when(at, now)}, and was not: no bot seems to run on this store.`,
  };
}

export function untried(ranOut: boolean, signInAgain: string): Finding {
  return ranOut
    ? {
        level: 'unknown',
        code: 'renewal-untried',
        says: 'The token has run out, as it does while no bot runs. Whether the refresh token is still good is known once it is used.',
        toDo: 'Start the bot; or try it now with --try, which renews the stored session as the bot does.',
      }
    : {
        level: 'attention',
        code: 'renewal-untried',
        says: 'The token is refused before its time. Most likely the session was ended from outside (a logout, a removed device, a new password), and then the refresh token is dead, too.',
        toDo: `Try it with --try. If it is refused: ${signInAgain}`,
      };
}

export function mustWait(store: SeenStore | undefined): Finding[] {
  const now = Date.now();
  const at = store?.stored?.nextLoginAt ?? now;
  if (at <= now) return [];
  return [
    {
      level: 'note',
      code: 'login-must-wait',
      says: `The login budget is spent: the next login is tried ${when(at, now)}.`,
    },
  ];
}

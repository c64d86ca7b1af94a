import { setTimeout as delay } from 'node:timers/promises';
import type { FaultProxy } from '../../src/testing/index.ts';
import { BotProcess } from './bot-process.ts';
import { Ledger } from './ledger.ts';
import type { Place } from './place.ts';
import { sessionIn } from './session.ts';

export interface KillsOptions {
  /** In front of a homeserver on which the session in the store is signed in. */
  readonly proxy: FaultProxy;
  readonly place: Place;
  readonly lifetimeMs: number;
  readonly kills: number;
  readonly random: () => number;
}

export interface KillsTally {
  readonly kills: number;
  /** Generations that came into the store. */
  readonly renewals: number;
  /** Refreshes that the homeserver granted. */
  readonly refreshes: number;
  readonly logins: number;
  readonly signOuts: number;
  readonly lostUpdates: number;
}

/** Long enough for a few tokens. */
const LONGEST_LIFE_LIFETIMES = 2.4;

/**
 * Starts bots one after the other on one stored session, without a password, and kills each at a random moment after
 * it has signed in. Ends early if one can't sign in.
 */
export async function randomKills({
  proxy,
  place,
  lifetimeMs,
  kills,
  random,
}: KillsOptions): Promise<KillsTally> {
  const ledger = new Ledger();
  const first = (await sessionIn(place)).generation;
  let killed = 0;
  let signOuts = 0;
  let next = BotProcess.load();
  try {
    // One more than is killed: the last shows that the last kill did no harm either.
    for (let start = 0; start <= kills && signOuts === 0; start += 1) {
      const bot = next;
      ledger.follow(bot);
      bot.go({ homeserver: proxy.url, place, pauseMs: 20 });
      next = BotProcess.load();
      try {
        await bot.signedIn();
        if (start < kills) {
          await delay(random() * LONGEST_LIFE_LIFETIMES * lifetimeMs);
          killed += 1;
        } else await bot.says('answer', ({ status }) => status === 200);
      } catch {
        signOuts += 1;
      } finally {
        await bot.kill();
      }
    }
  } finally {
    await next.kill();
  }
  const last = (await sessionIn(place)).generation;
  return {
    kills: killed,
    renewals: last - first,
    refreshes: proxy.count(({ path, status }) => path.endsWith('/refresh') && status === 200),
    logins: proxy.count({ path: '/login' }),
    signOuts: Math.max(signOuts, ledger.signedOut),
    lostUpdates: ledger.lostUpdates(last),
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { FaultProxy } from '../../src/testing/index.ts';
import { Crew } from './crew.ts';
import { Ledger } from './ledger.ts';
import type { Place } from './place.ts';
import { sessionIn } from './session.ts';

export interface TogetherOptions {
  /** In front of a homeserver on which the session in the store is signed in. */
  readonly proxy: FaultProxy;
  readonly place: Place & { readonly lockTimeoutMs: number };
  readonly lifetimeMs: number;
  /** How many tokens to live through. */
  readonly lifetimes: number;
  readonly random: () => number;
  /** The path of the request for new tokens. Default: that of the Matrix specification. */
  readonly refreshPath?: string;
  /** Ends a connection to the database, where there is one. */
  readonly cutStore?: () => Promise<void>;
}

export interface TogetherTally {
  readonly kills: number;
  /** Faults other than kills: lost answers, stalls, suspended processes, connections to the database that were ended. */
  readonly faults: number;
  readonly renewals: number;
  /** Refreshes that the homeserver granted. */
  readonly refreshes: number;
  /** Tokens that were renewed before their time. */
  readonly early: number;
  readonly logins: number;
  readonly signOuts: number;
  readonly lostUpdates: number;
  /** The longest that a process which was awake took to have a token that another had fetched, in ms. */
  readonly longestLagMs: number;
}

const PROCESSES = 4;

/** Several bots on one stored session, and all kinds of faults until enough tokens were lived through. */
export async function together(options: TogetherOptions): Promise<TogetherTally> {
  const { proxy, place, lifetimeMs, lifetimes, random, cutStore, refreshPath = '/refresh' } = options;
  const ledger = new Ledger();
  // All want a new token at the same moment, each time.
  const schedule = { refreshJitter: 0 };
  const crew = new Crew({ homeserver: proxy.url, place, schedule }, ledger);
  const first = (await sessionIn(place)).generation;
  const refresh = { path: refreshPath };
  let [kills, cuts, naps] = [0, 0, 0];

  const faults: readonly (() => Promise<void>)[] = [
    async () => {
      kills += 1;
      await crew.replace(pick(crew.bots, random));
    },
    async () => {
      proxy.inject({ match: refresh, fault: { kind: 'lose-response' } });
    },
    async () => {
      // Longer than anybody waits for the lock.
      proxy.inject({ match: refresh, fault: { kind: 'delay', delayMs: place.lockTimeoutMs * 1.5 } });
    },
    async () => {
      naps += 1;
      await crew.suspend(pick(crew.bots, random), lifetimeMs * (0.5 + random()));
    },
    ...(cutStore === undefined
      ? []
      : [
          async () => {
            cuts += 1;
            await cutStore();
          },
        ]),
  ];

  try {
    await crew.fill(PROCESSES);
    while (ledger.newest - first < lifetimes && ledger.signedOut === 0) {
      await pick(faults, random)();
      await delay(lifetimeMs * random());
    }
    await crew.agree();
  } finally {
    await crew.stop();
  }
  const last = (await sessionIn(place)).generation;
  // On a busy machine, a refresh that nobody stalled can take as long as one that was.
  const met = proxy.count(
    ({ at, finishedAt, fault, path }) =>
      fault !== undefined ||
      (path.endsWith(refreshPath) && (finishedAt ?? Number.POSITIVE_INFINITY) - at > place.lockTimeoutMs / 2),
  );
  return {
    kills,
    faults: met + cuts + naps,
    renewals: last - first,
    refreshes: proxy.count(({ path, status }) => path.endsWith(refreshPath) && status === 200),
    early: earlyIn(ledger, lifetimeMs),
    logins: proxy.count({ path: '/login' }),
    signOuts: ledger.signedOut,
    lostUpdates: ledger.lostUpdates(last),
    longestLagMs: crew.longestLagMs(),
  };
}

/** A token is renewed at 2/3 of its lifetime; whatever was renewed much earlier was refused before. */
export function earlyIn({ renewals }: Ledger, lifetimeMs: number): number {
  return renewals.filter(({ generation, obtainedAt }, index) => {
    const before = renewals[index - 1];
    return before?.generation === generation - 1 && obtainedAt - before.obtainedAt < lifetimeMs * 0.6;
  }).length;
}

function pick<T>(from: readonly T[], random: () => number): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new Error('There is nothing to pick from.');
  return picked;
}

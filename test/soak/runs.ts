import { startFaultProxy } from '../../src/testing/index.ts';
import { connectionCutter } from '../reliability/cut-connection.ts';
import type { OwnPlace } from '../reliability/own-place.ts';
import { randomFrom } from '../reliability/random.ts';
import { type KillsTally, randomKills } from '../reliability/random-kills.ts';
import { storedSession } from '../reliability/session.ts';
import { together, type TogetherTally } from '../reliability/together.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';

export const KILLS_LIFETIME_MS = 250;
export const TOGETHER_LIFETIME_MS = 800;
const LOCK_TIMEOUT_MS = 1_000;

export interface Run<Tally> {
  readonly homeserver: string;
  readonly store: string;
  readonly seed: number;
  readonly seconds: number;
  readonly tally: Tally;
}

interface Setting {
  readonly homeserver: RunningHomeserver;
  readonly makePlace: () => Promise<OwnPlace>;
  readonly seed: number;
}

export function killsRun(setting: Setting, kills: number): Promise<Run<KillsTally>> {
  return run(setting, (proxy, place, random) =>
    randomKills({ proxy, place, lifetimeMs: KILLS_LIFETIME_MS, kills, random }),
  );
}

export function togetherRun(setting: Setting, lifetimes: number): Promise<Run<TogetherTally>> {
  return run(setting, (proxy, place, random) =>
    together({
      proxy,
      place: { ...place, lockTimeoutMs: LOCK_TIMEOUT_MS },
      lifetimeMs: TOGETHER_LIFETIME_MS,
      lifetimes,
      random,
      ...(place.kind === 'PostgreSQL' ? { cutStore: connectionCutter(place.connectionString) } : {}),
    }),
  );
}

/** What must be zero, or within bounds, and is not; in words. */
export function faultsOf({ tally }: Run<KillsTally | TogetherTally>): string[] {
  const wrong = (['logins', 'signOuts', 'lostUpdates'] as const)
    .filter((name) => tally[name] > 0)
    .map((name) => `${name}: ${tally[name]}`);
  const injected = tally.kills + ('faults' in tally ? tally.faults : 0);
  const extra = tally.refreshes - tally.renewals;
  if (extra > injected) wrong.push(`${extra} refreshes too many, for ${injected} faults`);
  if ('early' in tally && tally.early > injected) wrong.push(`${tally.early} tokens renewed early`);
  return wrong;
}

async function run<Tally>(
  { homeserver, makePlace, seed }: Setting,
  work: (
    proxy: Awaited<ReturnType<typeof startFaultProxy>>,
    place: OwnPlace['place'],
    random: () => number,
  ) => Promise<Tally>,
): Promise<Run<Tally>> {
  const { place, remove } = await makePlace();
  await using proxy = await startFaultProxy({ target: homeserver.url });
  try {
    await storedSession(homeserver, place);
    const begun = performance.now();
    const tally = await work(proxy, place, randomFrom(seed));
    const seconds = Math.round((performance.now() - begun) / 1_000);
    return { homeserver: homeserver.label, store: place.kind, seed, seconds, tally };
  } finally {
    await remove();
  }
}

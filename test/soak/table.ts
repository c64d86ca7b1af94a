import type { KillsTally } from '../reliability/random-kills.ts';
import type { TogetherTally } from '../reliability/together.ts';
import { KILLS_LIFETIME_MS, type Run, TOGETHER_LIFETIME_MS } from './runs.ts';

export function tables(
  kills: readonly Run<KillsTally>[],
  together: readonly Run<TogetherTally>[],
  machine: string,
): string {
  return `### One process, killed at random moments, on tokens that live ${KILLS_LIFETIME_MS} ms

${table(kills, {
  Kills: ({ kills }) => kills,
  'Tokens stored': ({ renewals }) => renewals,
  'Refreshes granted': ({ refreshes }) => refreshes,
  Logins: ({ logins }) => logins,
  'Sign-outs': ({ signOuts }) => signOuts,
  'Lost updates': ({ lostUpdates }) => lostUpdates,
})}

### Four processes on one session, on tokens that live ${TOGETHER_LIFETIME_MS} ms

${table(together, {
  Kills: ({ kills }) => kills,
  'Other faults': ({ faults }) => faults,
  'Tokens stored': ({ renewals }) => renewals,
  'Refreshes granted': ({ refreshes }) => refreshes,
  'Renewed early': ({ early }) => early,
  Logins: ({ logins }) => logins,
  'Sign-outs': ({ signOuts }) => signOuts,
  'Lost updates': ({ lostUpdates }) => lostUpdates,
  'Longest lag': ({ longestLagMs }) => `${longestLagMs} ms`,
})}

Measured on: ${machine}.
`;
}

function table<Tally>(
  runs: readonly Run<Tally>[],
  columns: Readonly<Record<string, (tally: Tally) => number | string>>,
): string {
  const names = Object.keys(columns);
  const rows = runs.map(({ homeserver, store, seed, seconds, tally }) => [
    homeserver,
    store,
    ...Object.values(columns).map((value) => value(tally)),
    `${seconds} s`,
    seed,
  ]);
  const head = ['Homeserver', 'Store', ...names, 'Took', 'Seed'];
  const rule = head.map((_, index) => (index < 2 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

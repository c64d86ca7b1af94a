import { setTimeout as wait } from 'node:timers/promises';
import { eventsIn } from './events.ts';
import type { PageAddress } from '../source/page-address.ts';
import { ask, botsOn, notOurs, TokenRefusedError } from '../source/page-client.ts';
import { type VisitOnPage, visitsIn } from '../source/page-schema.ts';
import type { Output } from './output.ts';
import { clock } from '../words.ts';

/** A page says every 15 s that it lives. */
const SILENCE_MS = 40_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** Follows the bots of a page, and comes back by itself after the page was gone. */
export async function watchPage(page: PageAddress, output: Output): Promise<void> {
  const { bots } = await botsOn(page);
  if (bots.length === 0) output.note('There is no bot on this page yet.');
  const paths =
    page.bot === undefined
      ? ['/events?visits=1']
      : bots.map(({ id }) => `/events?bot=${encodeURIComponent(id)}`);
  await Promise.all(paths.map((path) => follow(page, path, output)));
}

/** What was printed last of a bot. `seq` starts again with the bot's process, and `at` does not. */
interface Told {
  at: number;
  seq: number;
}

/** What was printed last, by the bots' names. */
type ToldOf = Map<string, Told>;

async function follow(page: PageAddress, path: string, output: Output): Promise<void> {
  const { signal } = output;
  const told: ToldOf = new Map();
  let pauseMs = FIRST_PAUSE_MS;
  let lost = false;
  while (!signal.aborted) {
    try {
      await readStream(page, path, told, output, () => {
        if (lost) output.note(`${page.origin} is back.`);
        lost = false;
        pauseMs = FIRST_PAUSE_MS;
      });
    } catch (error) {
      if (error instanceof TokenRefusedError) throw error;
    }
    if (signal.aborted) return;
    if (!lost) output.note(`${page.origin} was lost. Trying to reach it again …`);
    lost = true;
    await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

/** Reads one stream to its end, which comes when the page is gone or falls silent. */
async function readStream(
  page: PageAddress,
  path: string,
  toldOf: ToldOf,
  output: Output,
  onFirst: () => void,
): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await ask(page, path, AbortSignal.any([silence.signal, output.signal]));
    if (!response.ok || response.body === null) throw notOurs(page);
    for await (const { name, data } of eventsIn(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      onFirst();
      if (name !== 'bot' && name !== 'visits') continue;
      const message = visitsIn(JSON.parse(data));
      if (message === undefined) throw notOurs(page);
      const { view, visits, missed } = message;
      const { bot } = view.frame;
      if (missed > 0) output.note(`${bot}: ${missed} transitions were too many to be sent.`);
      const told = toldOf.get(bot) ?? { at: -1, seq: -1 };
      const first = !toldOf.has(bot);
      toldOf.set(bot, told);
      // At first only where it stands, and how it came there; then all that is new.
      for (const visit of first ? visits.slice(-1) : visits) tell(bot, visit, told, output);
    }
  } finally {
    clearTimeout(timer);
  }
}

function tell(bot: string, visit: VisitOnPage, told: Told, { json, line }: Output): void {
  const { at, seq, detail, cause } = visit;
  if (at < told.at || (at === told.at && seq <= told.seq)) return;
  told.at = at;
  told.seq = seq;
  if (json) line(JSON.stringify({ bot, ...visit }));
  else line(`${clock(at, Date.now())}  ${bot}  ${detail}  ${cause}`);
}

import type { Answer } from './answer.ts';
import type { Roster } from './roster.ts';

/** The process lives, or there would be no answer. */
export const alive: Answer = { status: 200, type: 'application/json', body: '{"alive":true}\n' };

/** 200 if there is a bot, and each has a usable token. Without the token the answer says no more than that. */
export function readiness(roster: Roster, maySee: boolean): Answer {
  const bots = roster.entries.map(({ observer }) => {
    const { bot, state, detail, tags, reason } = observer.now();
    const usable = tags.includes('usable');
    return { name: bot, usable, state, detail, ...(reason === undefined ? {} : { reason }) };
  });
  const ready = bots.length > 0 && bots.every(({ usable }) => usable);
  return {
    status: ready ? 200 : 503,
    type: 'application/json',
    body: `${JSON.stringify(maySee ? { ready, bots } : { ready })}\n`,
  };
}

/** What is known of the bots, as JSON: of each how it stands now; of one, with `id`, its kept frames, too. */
export function frames(roster: Roster, id: string | undefined): Answer {
  const now = Date.now();
  if (id === undefined) {
    const bots = roster.entries.map((entry) => ({ id: entry.id, now: entry.observer.now() }));
    return json({ now, bots });
  }
  const entry = roster.get(id);
  if (entry === undefined) return { status: 404, body: 'There is no such bot.\n' };
  return json({ now, bots: [{ id, now: entry.observer.now(), frames: entry.observer.frames }] });
}

function json(value: unknown): Answer {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

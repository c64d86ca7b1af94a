import type { Messages } from './protocol.ts';
import type { Entry, Roster } from './roster.ts';
import { rowOf, viewOf, visitOf } from './views.ts';

/** The most visits in one message. */
const MOST_VISITS = 200;

/** Keeps track of what one viewer has been sent. */
export interface Follower {
  /** How things stand. */
  begin(): string;
  /**
   * What has happened since; empty if nothing has.
   * @param made the messages of this turn by what they follow, so that viewers with the same position share one
   */
  news(made: Map<string, string>): string;
  /** The last message left something out. */
  readonly behind: boolean;
}

/** Follows the table of all bots. `page` tells one version of the page's code from another. */
export function followFleet(roster: Roster, page: string): Follower {
  let { turn } = roster;
  return {
    behind: false,
    begin() {
      ({ turn } = roster);
      const rows = roster.entries.map(({ id, observer }) => rowOf(id, observer.now()));
      return messageOf('fleet', { now: Date.now(), page, rows });
    },
    news(made) {
      if (roster.turn <= turn) return '';
      const since = turn;
      ({ turn } = roster);
      return madeOnce(made, String(since), () => {
        const { entries, gone } = roster.changedSince(since);
        const rows = entries.map(({ id, observer }) => rowOf(id, observer.now()));
        return messageOf('rows', { now: Date.now(), rows, gone });
      });
    },
  };
}

/** Follows one bot, visit by visit. */
export function followBot(entry: Entry, page: string): Follower {
  let { turn } = entry;
  let seq = 0;
  const follower = {
    behind: false,
    begin() {
      ({ turn } = entry);
      ({ seq } = entry.observer);
      return botOf(entry, page, MOST_VISITS);
    },
    news(made: Map<string, string>) {
      if (entry.turn <= turn) return '';
      const since = seq;
      ({ turn } = entry);
      ({ seq } = entry.observer);
      follower.behind = seq - since > MOST_VISITS;
      return madeOnce(made, `${entry.id} ${since}`, () => visitsSince(entry, since));
    },
  };
  return follower;
}

/** Follows all bots, visit by visit, and those that come to the page later. */
export function followAll(roster: Roster, page: string): Follower {
  let { turn } = roster;
  const seqs = new WeakMap<Entry, number>();
  const tellOf = (entry: Entry, most: number) => {
    seqs.set(entry, entry.observer.seq);
    return botOf(entry, page, most);
  };
  const follower = {
    behind: false,
    begin() {
      ({ turn } = roster);
      const { entries } = roster;
      // An answer of which nothing comes is not seen to have begun.
      if (entries.length === 0) return messageOf('ping', { now: Date.now() });
      // Together no more than of a single one, or the last of each.
      const most = Math.max(1, Math.floor(MOST_VISITS / entries.length));
      return entries.map((entry) => tellOf(entry, most)).join('');
    },
    news() {
      const { entries } = roster.changedSince(turn);
      ({ turn } = roster);
      follower.behind = false;
      const messages = entries.map((entry) => {
        const since = seqs.get(entry);
        if (since === undefined) return tellOf(entry, MOST_VISITS);
        const { seq } = entry.observer;
        if (seq === since) return '';
        seqs.set(entry, seq);
        follower.behind ||= seq - since > MOST_VISITS;
        return visitsSince(entry, since);
      });
      return messages.join('');
    },
  };
  return follower;
}

function botOf({ id, observer }: Entry, page: string, most: number): string {
  const visits = observer.framesAfter(observer.seq - most).map(visitOf);
  return messageOf('bot', { now: Date.now(), page, view: viewOf(id, observer.now()), visits });
}

function visitsSince({ id, observer }: Entry, seq: number): string {
  const visits = observer.framesAfter(Math.max(seq, observer.seq - MOST_VISITS)).map(visitOf);
  const missed = observer.seq - seq - visits.length;
  return messageOf('visits', { now: Date.now(), view: viewOf(id, observer.now()), visits, missed });
}

function madeOnce(made: Map<string, string>, key: string, make: () => string): string {
  const message = made.get(key) ?? make();
  made.set(key, message);
  return message;
}

export function messageOf<Name extends keyof Messages>(name: Name, data: Messages[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

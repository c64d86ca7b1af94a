import type { Messages } from '../protocol.ts';
import type { Dom } from './dom.ts';
import type { Link, LinkState } from './link.ts';
import type { Time } from './time.ts';

interface View {
  readonly tick: () => void;
  /** Nothing has been heard since `at`, in ms since the epoch, by the server's clock. */
  readonly lost: (at: number, why: 'lost' | 'crowded') => void;
  readonly on: { readonly [Name in keyof Messages]?: (data: Messages[Name]) => void };
}

/** Ties a view to the stream of events that the document names. */
export function main({ byId, mark, write }: Dom, time: Time, { follow }: Link, view: View): void {
  const { stream = '/events', page = '' } = document.body.dataset;
  let heardAt: number | undefined;
  let lostAt: number | undefined;

  const words: Readonly<Record<LinkState, string>> = {
    live: 'live',
    lost: 'connection lost',
    crowded: 'too many viewers',
  };

  function state(now: LinkState): void {
    mark(document.body, 'data-link', now);
    write(byId('link-state'), words[now]);
    byId('lost').hidden = now === 'live';
    if (now === 'live') {
      lostAt = undefined;
      return;
    }
    lostAt ??= heardAt ?? time.now();
    const then = time.clock(lostAt);
    write(
      byId('lost'),
      now === 'lost'
        ? `The bot’s process has not been heard of since ${then}. Trying again…`
        : `Too many viewers follow this page already; nothing new has come since ${then}. Close one of them. Trying again…`,
    );
    view.lost(lostAt, now);
  }

  /** Takes the time from each message; a page that the process no longer has is fetched anew. */
  function taking<Name extends keyof Messages>(name: Name): (data: Messages[Name]) => void {
    return (data) => {
      time.set(data.now);
      heardAt = data.now;
      if ('page' in data && data.page !== page) location.reload();
      else view.on[name]?.(data);
    };
  }

  const names = ['fleet', 'rows', 'bot', 'visits', 'ping'] as const;
  const on = Object.fromEntries(names.map((name) => [name, taking(name)]));
  setInterval(() => {
    if (lostAt === undefined && !document.hidden) view.tick();
  }, 1_000);
  void follow(stream, { on, state });
}

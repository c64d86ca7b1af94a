import type { Messages } from '../protocol.ts';
import type { LinkState } from './link.ts';
import type { Dom, Link, Time } from './parts.ts';

interface View {
  readonly tick: () => void;
  readonly on: { readonly [Name in keyof Messages]?: (data: Messages[Name]) => void };
}

/** Ties a view to the stream of events that the document names. */
export function main({ byId, mark, write, title }: Dom, time: Time, { follow }: Link, view: View): void {
  const { stream = '/events', page = '' } = document.body.dataset;
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
    lostAt ??= Date.now();
    const then = time.clock(lostAt);
    write(
      byId('lost'),
      now === 'lost'
        ? `The bot’s process has not been heard of since ${then}. What is shown is from then. Trying again…`
        : `Too many viewers follow this page already. What is shown may be old. Trying again…`,
    );
    title(`no connection · ${document.title.replace(/^no connection · /, '')}`, 'off');
  }

  /** Takes the time from each message; a page that the process no longer has is fetched anew. */
  function taking<Name extends keyof Messages>(name: Name): (data: Messages[Name]) => void {
    return (data) => {
      time.set(data.now);
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

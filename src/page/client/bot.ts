import type { BotView, Messages } from '../protocol.ts';
import type { diagram } from './diagram.ts';
import type { Dom } from './dom.ts';
import type { Time } from './time.ts';
import type { timeline } from './timeline.ts';

/** The page of one bot. */
export function bot(
  { byId, el, write, mark, title }: Dom,
  time: Time,
  picture: ReturnType<typeof diagram>,
  visits: ReturnType<typeof timeline>,
) {
  let view: BotView | undefined;
  let said = '';

  const nexts: Readonly<Record<string, string>> = {
    refresh: 'Next refresh in',
    'log in': 'Next login in',
    'try again': 'Tries again in',
    'ask whether it is unlocked': 'Asks again in',
  };

  function show(next: BotView): void {
    view = next;
    const { frame, situation, tone } = next;
    mark(byId('main'), 'data-tone', tone);
    mark(byId('main'), 'data-urgent', situation.urgent ? '' : undefined);
    mark(byId('main'), 'data-unknown', undefined);
    write(byId('user'), frame.userId ?? 'not signed in yet');
    write(byId('state'), frame.state);
    write(byId('headline'), situation.headline);
    write(byId('waits'), situation.waitsFor);
    write(byId('todo'), situation.toDo);
    byId('trouble-part').hidden = frame.trouble === undefined;
    write(byId('trouble'), frame.trouble ?? '');
    byId('advice-part').hidden = frame.advice === undefined;
    write(byId('advice'), frame.advice ?? '');
    write(byId('reason'), frame.reason ?? '');
    byId('reason').hidden = frame.reason === undefined;
    title(`${frame.state} · ${frame.bot}`, tone);
    picture.show(frame.detail, visits.visits);
    counts(next);
    session(next);
    place(next);
    say(`${frame.bot} is ${frame.state}. ${situation.headline}`, frame.state);
    tick();
  }

  /** Where the bot runs, and which homeserver it is signed in on. */
  function place({ frame }: BotView): void {
    const { host, pid, startedAt, version, node } = frame.process;
    const { homeserver } = frame;
    write(byId('homeserver'), homeserver ?? 'not known yet');
    write(byId('host'), host);
    write(byId('process'), String(pid));
    write(byId('started'), time.clock(startedAt));
    write(byId('version'), `${version ?? 'not known'}, on Node ${node}`);
    write(byId('place'), `${homeserver === undefined ? '' : `on ${homeserver}, `}process ${pid} on ${host}`);
    write(byId('counted-since'), time.clock(frame.counters.since));
  }

  /** Shows that nothing is known of the bot since `at`. */
  function lost(at: number, why: 'lost' | 'crowded'): void {
    if (view === undefined) return;
    const { frame } = view;
    const since = `since ${time.clock(at)}`;
    mark(byId('main'), 'data-tone', 'off');
    mark(byId('main'), 'data-urgent', '');
    mark(byId('main'), 'data-unknown', '');
    write(byId('state'), `unknown ${since}`);
    byId('reason').hidden = true;
    write(byId('headline'), `It was ${frame.state} when its process was last heard of.`);
    write(byId('since'), '');
    write(
      byId('todo'),
      why === 'crowded'
        ? 'Close this page where nobody looks at it. If that is not enough, the option "maxStreams" of the page is too small.'
        : `Check that the process still runs (it was number ${frame.process.pid} on ${frame.process.host}), and that this address still reaches it. If it has ended, restart the bot: it goes on with its stored session.`,
    );
    const waits = why === 'crowded' ? 'A viewer to leave.' : 'The bot’s process.';
    write(byId('waits'), `${waits} This page goes on by itself then.`);
    byId('trouble-part').hidden = true;
    byId('advice-part').hidden = true;
    clock('expires', undefined, '–', at);
    clock('next', undefined, '–', at);
    write(byId('next-name'), 'Next step');
    byId('life').hidden = true;
    picture.clear();
    title(`unknown · ${frame.bot}`, 'off');
    say(`Nothing is known of ${frame.bot} ${since}.`, 'unknown');
  }

  /** Reads a change of the state aloud, and no change of the numbers. */
  function say(sentence: string, state: string): void {
    if (said === state) return;
    said = state;
    write(byId('say'), sentence);
  }

  function tick(): void {
    if (view === undefined) return;
    const { since, expiresAt, obtainedAt, next, generation } = view.frame;
    const now = time.now();
    write(byId('since'), `since ${time.clock(since)}, for ${time.span(now - since)}`);
    clock('expires', expiresAt, generation === undefined ? '–' : 'never', now);
    write(byId('next-name'), nexts[next?.what ?? ''] ?? 'Next step');
    clock('next', next?.at, '–', now);
    const life = byId('life');
    life.hidden = expiresAt === undefined || obtainedAt === undefined;
    if (expiresAt !== undefined && obtainedAt !== undefined) {
      const share = (at: number) =>
        `${Math.min(100, Math.max(0, ((at - obtainedAt) / (expiresAt - obtainedAt)) * 100))}%`;
      life.style.setProperty('--lived', share(now));
      life.style.setProperty('--next', next === undefined ? '100%' : share(next.at));
    }
    visits.tick();
  }

  function clock(id: string, at: number | undefined, otherwise: string, now: number): void {
    write(byId(id), at === undefined ? otherwise : time.countdown(at - now));
    write(byId(`${id}-at`), at === undefined ? '' : `at ${time.clock(at)}`);
  }

  function counts({ frame: { counters, durations } }: BotView): void {
    write(byId('refreshes'), String(counters.refreshes));
    write(byId('logins'), String(counters.logins));
    write(byId('rejections'), String(counters.rejections));
    write(byId('held'), String(counters.held));
    write(byId('received'), String(counters.received));
    write(byId('delivered'), String(counters.delivered));
    const { outgoing, outgoingSince } = counters;
    const oldest = outgoingSince === undefined ? '' : `, since ${time.clock(outgoingSince)}`;
    write(byId('outgoing'), `${outgoing}${oldest}`);
    write(byId('troubles'), String(counters.troubles));
    write(byId('failures'), String(counters.failures));
    write(byId('refresh-took'), durations.refreshMs === undefined ? '–' : time.span(durations.refreshMs));
    write(
      byId('reconnect-took'),
      durations.reconnectMs === undefined ? '–' : time.span(durations.reconnectMs),
    );
    write(byId('without-token'), time.span(durations.withoutTokenMs));
    const refusals = Object.entries(counters.refusals).flatMap(([endpoint, byMeaning]) =>
      Object.entries(byMeaning).map(([meaning, count]) => ({ what: `${endpoint}: ${meaning}`, count })),
    );
    byId('refusals').replaceChildren(
      ...refusals.flatMap(({ what, count }) => [el('dt', {}, what), el('dd', {}, String(count))]),
    );
    byId('no-refusals').hidden = refusals.length > 0;
  }

  function session({ frame }: BotView): void {
    write(byId('device'), frame.deviceId ?? '–');
    write(byId('fingerprint'), frame.fingerprint ?? '–');
    write(byId('generation'), frame.generation === undefined ? '–' : String(frame.generation));
    write(byId('obtained'), frame.obtainedAt === undefined ? '–' : time.clock(frame.obtainedAt));
  }

  return {
    tick,
    lost,
    on: {
      bot({ view, visits: all }: Messages['bot']) {
        visits.reset(all);
        show(view);
      },
      visits({ view, visits: more, missed }: Messages['visits']) {
        visits.add(more, missed);
        show(view);
      },
    },
  };
}

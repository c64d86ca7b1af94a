import type { BotView, Messages } from '../protocol.ts';
import type { diagram } from './diagram.ts';
import type { Dom, Time } from './parts.ts';
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
    write(byId('user'), frame.userId ?? 'not signed in yet');
    write(byId('state'), frame.state);
    write(byId('headline'), situation.headline);
    write(byId('waits'), situation.waitsFor);
    write(byId('todo'), situation.toDo);
    byId('trouble-part').hidden = frame.trouble === undefined;
    write(byId('trouble'), frame.trouble ?? '');
    write(byId('reason'), frame.reason ?? '');
    byId('reason').hidden = frame.reason === undefined;
    title(`${frame.state} · ${frame.bot}`, tone);
    picture.show(frame.detail, visits.visits);
    counts(next);
    session(next);
    say(`${frame.bot} is ${frame.state}. ${situation.headline}`, frame.state);
    tick();
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

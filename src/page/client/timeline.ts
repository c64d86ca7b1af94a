import type { Visit } from '../protocol.ts';
import type { Dom } from './dom.ts';
import type { Time } from './time.ts';

/** The visits to states, the latest first, each with how long it took. */
export function timeline({ byId, el, write }: Dom, time: Time) {
  const MOST = 200;
  const list = byId('visits');
  let visits: Visit[] = [];
  let latest: HTMLElement | undefined;

  const facts: Readonly<Record<string, string>> = {
    refreshed: 'new token',
    'logged-in': 'logged in',
    adopted: 'adopted',
    'device-changed': 'new device',
  };

  function rowOf(visit: Visit): HTMLLIElement {
    const { warnings = [] } = visit;
    const names = [
      ...visit.facts.flatMap((fact) => facts[fact] ?? []),
      ...warnings.map((kind) => `warning: ${kind}`),
    ];
    const badges = names.map((name) => el('span', { class: 'badge' }, name));
    return el(
      'li',
      { 'data-tone': visit.tone },
      el('time', { datetime: new Date(visit.at).toISOString() }, time.clock(visit.at)),
      el('span', { class: 'dot', 'aria-hidden': 'true' }),
      el(
        'div',
        { class: 'what' },
        el('p', { class: 'where' }, el('strong', {}, visit.state), inner(visit.detail), ...badges),
        el('p', { class: 'why' }, visit.cause),
      ),
      el('span', { class: 'took' }),
    );
  }

  function inner(detail: string): string {
    const steps = detail.split('.').slice(1);
    return steps.length === 0 ? '' : ` ${steps.join(' · ')}`;
  }

  function put(visit: Visit): void {
    const before = visits.at(-1);
    if (before !== undefined) took(latest, visit.at - before.at);
    visits.push(visit);
    latest = rowOf(visit);
    list.prepend(latest);
    if (visits.length <= MOST) return;
    visits = visits.slice(-MOST);
    list.lastElementChild?.remove();
  }

  function took(row: HTMLElement | undefined, ms: number): void {
    const place = row?.querySelector('.took');
    if (place) write(place, time.span(ms));
  }

  return {
    get visits(): readonly Visit[] {
      return visits;
    },

    /** Begins anew with these. */
    reset(all: readonly Visit[]): void {
      visits = [];
      latest = undefined;
      list.replaceChildren();
      for (const visit of all) put(visit);
    },

    add(more: readonly Visit[], missed: number): void {
      if (missed > 0) {
        const words = `${missed} ${missed === 1 ? 'change was' : 'changes were'} too quick to be told`;
        list.prepend(el('li', { class: 'gap' }, words));
      }
      for (const visit of more) put(visit);
    },

    /** The latest one is not over yet. */
    tick(): void {
      const last = visits.at(-1);
      if (last !== undefined) took(latest, Math.max(0, time.now() - last.at));
    },
  };
}

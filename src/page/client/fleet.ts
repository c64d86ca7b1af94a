import type { FleetRow, Messages } from '../protocol.ts';
import type { Dom } from './dom.ts';
import type { Time } from './time.ts';

/** The page of many bots: those that need somebody first, the others by their names. */
export function fleet({ byId, el, write, mark, title }: Dom, time: Time) {
  interface Shown {
    row: FleetRow;
    readonly element: HTMLTableRowElement;
    readonly cells: Readonly<Record<'state' | 'detail' | 'about' | 'since' | 'next' | 'held', HTMLElement>>;
    inView: boolean;
    /** Its row is newer than what is written. */
    stale: boolean;
  }

  const nexts: Readonly<Record<string, string>> = {
    refresh: 'refresh',
    'log in': 'login',
    'try again': 'tries',
    'ask whether it is unlocked': 'asks',
  };
  const shown = new Map<string, Shown>();
  const byElement = new WeakMap<Element, Shown>();
  const body = byId('bots');
  const search = byId('search') as HTMLInputElement;
  const chips = [...document.querySelectorAll<HTMLButtonElement>('button[data-state]')];
  let only: string | undefined;

  // What is near the screen is written at once, and the rest of a large fleet together, once a second.
  const told = 'oncontentvisibilityautostatechange' in body;
  body.addEventListener('contentvisibilityautostatechange', (event) => {
    const bot = event.target instanceof Element ? byElement.get(event.target) : undefined;
    if (bot === undefined) return;
    bot.inView = !(event as ContentVisibilityAutoStateChangeEvent).skipped;
    if (bot.inView) fill(bot);
  });

  const order = new Intl.Collator('en', { numeric: true });
  const urgency = ({ tone, toDo }: FleetRow) => (tone === 'person' ? 0 : toDo !== undefined ? 1 : 2);
  const before = (a: FleetRow, b: FleetRow) => urgency(a) - urgency(b) || order.compare(a.name, b.name);

  function make(row: FleetRow): Shown {
    const cell = (name: string) => el('td', { class: name, role: 'cell' });
    const link = el('a', { href: `/bots/${row.id}` }, row.name);
    const user = el('span', { class: 'user' }, row.userId ?? '');
    const state = el('strong');
    const detail = el('span', { class: 'detail' });
    const cells = {
      state,
      detail,
      about: cell('about'),
      since: cell('since'),
      next: cell('next'),
      held: cell('held'),
    };
    const element = el(
      'tr',
      { role: 'row' },
      el('th', { scope: 'row', role: 'rowheader' }, link, user),
      el(
        'td',
        { class: 'state', role: 'cell' },
        el('span', { class: 'dot', 'aria-hidden': 'true' }),
        state,
        detail,
      ),
      cells.about,
      cells.since,
      cells.next,
      cells.held,
    );
    const made: Shown = { row, element, cells, inView: !told, stale: false };
    byElement.set(element, made);
    return made;
  }

  function fill(bot: Shown): void {
    const { row, element, cells } = bot;
    bot.stale = false;
    mark(element, 'data-tone', row.tone);
    const user = element.querySelector('.user');
    if (user) write(user, row.userId ?? '');
    write(cells.state, row.state);
    write(cells.detail, row.detail.split('.').slice(1).join(' · '));
    write(cells.about, row.toDo ?? row.headline);
    write(cells.held, row.held === 0 ? '–' : String(row.held));
    tickOne(bot, time.now());
    element.hidden = !fits(row);
  }

  function tickOne({ row, cells }: Shown, now: number): void {
    write(cells.since, time.age(now - row.since));
    const at = row.next?.at;
    const what = nexts[row.next?.what ?? ''] ?? '';
    write(cells.next, at === undefined ? '–' : `${what} in ${time.countdown(at - now)}`);
    mark(cells.next, 'data-none', at === undefined ? '' : undefined);
  }

  function fits({ name, userId = '', state }: FleetRow): boolean {
    const words = search.value.trim().toLowerCase();
    return (only === undefined || state === only) && `${name} ${userId}`.toLowerCase().includes(words);
  }

  function place(bot: Shown): void {
    const all = [...shown.values()].filter((other) => other !== bot);
    const next = all
      .filter((other) => before(bot.row, other.row) < 0)
      .reduce<Shown | undefined>(
        (first, other) => (first === undefined || before(other.row, first.row) < 0 ? other : first),
        undefined,
      );
    body.insertBefore(bot.element, next?.element ?? null);
  }

  /** Says whether somebody is needed now who was not, or the other way round. */
  function update(row: FleetRow): boolean {
    const known = shown.get(row.id);
    const bot = known ?? make(row);
    const moved = known === undefined || urgency(known.row) !== urgency(row);
    bot.row = row;
    bot.stale = true;
    shown.set(row.id, bot);
    if (moved) place(bot);
    if (moved || bot.inView) fill(bot);
    return moved;
  }

  function sum(): void {
    const counts = new Map<string, number>();
    for (const { row } of shown.values()) counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
    for (const chip of chips) {
      const count = counts.get(chip.dataset['state'] ?? '') ?? 0;
      const place = chip.querySelector('.count');
      if (place) write(place, String(count));
      mark(chip, 'data-none', count === 0 ? '' : undefined);
    }
    const rows = [...shown.values()].map(({ row }) => row);
    const usable = rows.filter((row) => row.usable).length;
    const inNeed = rows.filter((row) => row.toDo !== undefined).length;
    const help =
      inNeed === 0 ? 'None needs anybody.' : `${inNeed} ${inNeed === 1 ? 'needs' : 'need'} somebody.`;
    write(byId('sum'), `${usable} of ${rows.length} bots are usable. ${help}`);
    title(
      inNeed === 0 ? `${rows.length} bots` : `${inNeed} of ${rows.length} bots need somebody`,
      inNeed === 0 ? 'live' : 'person',
    );
    byId('none').hidden = rows.some(fits);
  }

  function filter(): void {
    for (const { row, element } of shown.values()) element.hidden = !fits(row);
    byId('none').hidden = [...shown.values()].some(({ row }) => fits(row));
  }

  search.addEventListener('input', filter);
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      only = only === chip.dataset['state'] ? undefined : chip.dataset['state'];
      for (const other of chips) mark(other, 'aria-pressed', String(other.dataset['state'] === only));
      filter();
    });
  }

  return {
    /** Shows that nothing is known of the bots since `at`. */
    lost(at: number, why: 'lost' | 'crowded'): void {
      for (const { row, element, cells } of shown.values()) {
        mark(element, 'data-tone', 'off');
        write(cells.state, 'unknown');
        write(cells.detail, `was ${row.state}`);
        write(
          cells.about,
          why === 'crowded'
            ? 'Too many viewers follow this page.'
            : 'Check that its process runs, and that this address still reaches it.',
        );
        write(cells.since, '–');
        write(cells.next, '–');
        mark(cells.next, 'data-none', '');
        write(cells.held, '–');
      }
      write(byId('sum'), `Nothing is known of these bots since ${time.clock(at)}.`);
      title('unknown · bots', 'off');
    },

    tick(): void {
      const now = time.now();
      for (const bot of shown.values()) {
        if (bot.stale) fill(bot);
        else if (bot.inView) tickOne(bot, now);
      }
      sum();
    },
    on: {
      fleet({ rows }: Messages['fleet']) {
        shown.clear();
        for (const row of [...rows].sort(before)) {
          const bot = make(row);
          shown.set(row.id, bot);
          fill(bot);
        }
        body.replaceChildren(...[...shown.values()].map(({ element }) => element));
        sum();
      },
      rows({ rows, gone }: Messages['rows']) {
        for (const id of gone) {
          const bot = shown.get(id);
          if (bot === undefined) continue;
          bot.element.remove();
          shown.delete(id);
        }
        const moved = rows.map(update);
        if (gone.length > 0 || moved.includes(true)) sum();
      },
    },
  };
}

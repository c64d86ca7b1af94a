import { watchEvents } from '../machines/auth/event-log.ts';
import { factOf, facts, warningOf } from './allow.ts';
import type { Fact, Frame } from './frame.ts';
import { frameOf } from './frame-of.ts';
import { streamOf } from './frame-stream.ts';
import { watchingBegan } from './happening.ts';
import { Listeners } from './listeners.ts';
import { frameIn, type Note } from './note.ts';
import type { MachineSnapshot, Observable } from './observable.ts';
import type { Observer, ObserveOptions } from './observer.ts';
import { Ring } from './ring.ts';
import { isUsable, sameValue, topOf } from './state-value.ts';
import { Tally } from './tally.ts';
import { labelOf } from './text.ts';

const noFacts: readonly Fact[] = [];

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Watches a session from outside. It never listens through `auth.on`, so that what goes unheard is still logged.
 * @throws {TypeError} if an option is of no use
 */
export function observe(auth: Observable, options: ObserveOptions = {}): Observer {
  const { keep = 200, logger = console } = options;
  const name = nameOf(options.name ?? 'bot');
  if (!Number.isInteger(keep) || keep < 1) {
    throw new TypeError('The option "keep" of observe() must be a whole number of frames, 1 or more.');
  }

  const { actor } = auth;
  const ring = new Ring<Note>(keep);
  const tally = new Tally(Date.now());
  const wake = new Set<() => void>();
  const listeners = new Listeners<Frame>(name, logger);
  const news = new Listeners<void>(name, logger);
  let announced: Fact[] | undefined;
  let warning: Frame['warning'];
  let value: unknown;
  let since = Date.now();
  let ended = false;

  function noteOf(machine: MachineSnapshot, seq: number, at: number, event: unknown): Note {
    return {
      seq,
      at,
      bot: name,
      event,
      facts: noFacts,
      warning: undefined,
      value,
      since,
      left: undefined,
      leftSince: 0,
      status: machine.status,
      tags: machine.tags,
      context: machine.context,
      held: auth.held,
      counters: tally.counters,
      times: tally.times,
      frame: undefined,
    };
  }

  /** Runs with each event of the machine, in the bot's own time: it notes down, and works nothing out. */
  function step(event: unknown): void {
    const at = Date.now();
    const machine = actor.getSnapshot();
    const facts = announced ?? noFacts;
    tally.take(at, event, facts, topOf(machine.value), isUsable(machine));
    const moved = !sameValue(machine.value, value);
    const over = machine.status !== 'active';
    if (!moved && facts === noFacts && !over) return;
    const before = { left: value, leftSince: since };
    if (moved) {
      value = machine.value;
      since = at;
    }
    const note: Mutable<Note> = noteOf(machine, ring.last + 1, at, event);
    note.facts = facts;
    note.warning = warning;
    if (moved) {
      note.left = before.left;
      note.leftSince = before.leftSince;
    }
    announced = undefined;
    warning = undefined;
    ring.push(note);
    tell(note);
    if (over) stop();
  }

  function tell(note: Note): void {
    if (wake.size > 0) for (const wakeUp of [...wake]) wakeUp();
    news.tell();
    // Not kept in the ring: a frame that lives as long as its note costs the bot twice as much.
    if (!listeners.none) listeners.tell(frameOf(note));
  }

  const subscriptions = [
    ...facts.map((type) =>
      actor.on(type, (event) => {
        const fact = factOf(event.type);
        if (fact !== undefined) (announced ??= []).push(fact);
        if (event.type === 'warning') warning = warningOf(event.warning?.kind);
      }),
    ),
    { unsubscribe: watchEvents(actor, step) },
  ];

  function stop(): void {
    if (ended) return;
    ended = true;
    for (const subscription of subscriptions) subscription.unsubscribe();
    for (const wakeUp of [...wake]) wakeUp();
    listeners.clear();
    news.clear();
  }

  const after = (seq: number) => ring.after(seq).map(frameIn);
  const observer: Observer = {
    name,
    now: () => {
      const event = ring.at(ring.last)?.event ?? watchingBegan;
      return frameOf(noteOf(actor.getSnapshot(), ring.last, Date.now(), event));
    },
    get frames() {
      return after(0);
    },
    get held() {
      return auth.held ?? 0;
    },
    get seq() {
      return ring.last;
    },
    framesAfter: after,
    subscribe: (listener) => listeners.add(listener),
    onNews: (listener) => news.add(listener),
    stream: (options = {}) => streamOf({ ring, ended: () => ended, wake }, options),
    [Symbol.asyncIterator]: () => observer.stream(),
    stop,
  };
  step(watchingBegan);
  return observer;
}

function nameOf(given: string): string {
  const name = labelOf(given, 60);
  if (name !== '') return name;
  throw new TypeError(
    'The option "name" of observe() is empty. Give the bot a name, or leave the option out.',
  );
}

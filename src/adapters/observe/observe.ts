import { factOf, facts, warningOf } from './allow.ts';
import type { Fact, Frame } from './frame.ts';
import { frameOf, type Moment } from './frame-of.ts';
import { streamOf } from './frame-stream.ts';
import { type Happening, happeningOf } from './happening.ts';
import { Listeners } from './listeners.ts';
import type { Observable } from './observable.ts';
import type { Observer, ObserveOptions } from './observer.ts';
import { Ring } from './ring.ts';
import { isUsable, pathOf, topOf } from './state-value.ts';
import { Tally } from './tally.ts';
import { labelOf } from './text.ts';

const nothing: Happening = { event: 'observed' };

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
  // A frame is made when it is first read: most of a busy bot's frames never are.
  const ring = new Ring<() => Frame>(keep);
  const tally = new Tally(Date.now());
  const wake = new Set<() => void>();
  const listeners = new Listeners<Frame>(name, logger);
  const news = new Listeners<void>(name, logger);
  let announced: Fact[] = [];
  let warning: Frame['warning'];
  let detail = '';
  let since = Date.now();
  let ended = false;

  function momentAt(at: number, happening: Happening): Moment {
    const { status, tags, context } = actor.getSnapshot();
    return {
      seq: ring.last,
      at,
      bot: name,
      happening,
      facts: [],
      warning: undefined,
      detail,
      since,
      left: undefined,
      status,
      tags,
      context,
      held: auth.held,
      counters: tally.counters,
      durations: tally.durations(at),
    };
  }

  function step(happening: Happening): void {
    const at = Date.now();
    const machine = actor.getSnapshot();
    const now = pathOf(machine.value);
    tally.take({ at, happening, facts: announced, state: topOf(now), usable: isUsable(machine) });
    const over = machine.status !== 'active';
    if (now === detail && announced.length === 0 && !over) return;
    const left = now === detail || detail === '' ? undefined : { detail, afterMs: Math.max(0, at - since) };
    if (now !== detail) {
      detail = now;
      since = at;
    }
    const moment = { ...momentAt(at, happening), seq: ring.last + 1, facts: announced, warning, left };
    announced = [];
    warning = undefined;
    record(moment);
    if (over) stop();
  }

  function record(moment: Moment): void {
    let made: Frame | undefined;
    const frame = () => (made ??= frameOf(moment));
    ring.push(frame);
    for (const wakeUp of [...wake]) wakeUp();
    news.tell(() => undefined);
    listeners.tell(frame);
  }

  const subscriptions = [
    ...facts.map((type) =>
      actor.on(type, (event) => {
        const fact = factOf(event.type);
        if (fact !== undefined) announced.push(fact);
        if (event.type === 'warning') warning = warningOf(event.warning?.kind);
      }),
    ),
    actor.system.inspect((inspected) => {
      if (inspected.type !== '@xstate.snapshot' || inspected.actorRef !== actor) return;
      try {
        step(happeningOf(inspected.event));
      } catch {
        // Whoever only watches must not bring down the machine.
      }
    }),
  ];

  function stop(): void {
    if (ended) return;
    ended = true;
    for (const subscription of subscriptions) subscription.unsubscribe();
    for (const wakeUp of [...wake]) wakeUp();
    listeners.clear();
    news.clear();
  }

  const after = (seq: number) => ring.after(seq).map((frame) => frame());
  const observer: Observer = {
    name,
    now: () => frameOf(momentAt(Date.now(), { event: ring.at(ring.last)?.().event ?? nothing.event })),
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
  step(nothing);
  return observer;
}

function nameOf(given: string): string {
  const name = labelOf(given, 60);
  if (name !== '') return name;
  throw new TypeError(
    'The option "name" of observe() is empty. Give the bot a name, or leave the option out.',
  );
}

import { factOf, facts as factTypes, warningOf } from './allowed-values.ts';
import { SessionCounters } from './counters.ts';
import { summaryOf, watchingBegan } from './event-summary.ts';
import type { Counters, Fact, Frame } from './frame.ts';
import { streamOf } from './frame-stream.ts';
import { Listeners } from './listeners.ts';
import type { Observable, Observer, ObserveOptions } from './observer.ts';
import { RingBuffer } from './ring-buffer.ts';
import { labelOf } from './shown-text.ts';
import { whereIs } from './snapshot.ts';
import { type Step, toFrame } from './to-frame.ts';
import { watchEvents } from './watch-events.ts';

type Warning = NonNullable<Frame['warnings']>[number];

/** What happened in one step; nothing where a frame only tells how things stand. */
type Happened = Partial<Pick<Step, 'facts' | 'warnings' | 'left'>>;

/**
 * Watches a session from outside. It never listens through `auth.on`, so that what nobody listens for is still logged.
 * @throws {TypeError} if an option cannot be used
 */
export function observe(auth: Observable, options: ObserveOptions = {}): Observer {
  const { keep = 200, logger = console } = options;
  const name = nameOf(options.name ?? 'bot');
  if (!Number.isInteger(keep) || keep < 1) {
    throw new TypeError('The option "keep" of observe() must be a whole number of frames, 1 or more.');
  }

  const { actor } = auth;
  const ring = new RingBuffer<Frame>(keep);
  const counters = new SessionCounters(Date.now());
  const wake = new Set<() => void>();
  const listeners = new Listeners<Frame>(name, logger);
  let announced: Fact[] = [];
  let warnings: Warning[] = [];
  let summary = watchingBegan;
  let detail: string | undefined;
  let since = Date.now();
  let ended = false;

  function frameAt(at: number, seq: number, what: Happened): Frame {
    return toFrame({
      seq,
      at,
      bot: name,
      summary,
      facts: what.facts ?? [],
      warnings: what.warnings,
      left: what.left,
      since,
      machine: actor.getSnapshot(),
      homeserver: auth.homeserver,
      counters: counters.counted({ held: held(), ...messages() }),
      durations: counters.durations(at),
    });
  }

  function held(): number {
    const { held: requests } = auth;
    return typeof requests === 'number' && Number.isFinite(requests) ? requests : 0;
  }

  function messages(): Pick<Counters, 'outgoing' | 'outgoingSince' | 'received' | 'delivered'> {
    const { outgoing: { length, oldestAt, delivered = 0 } = { length: 0 }, received = 0 } = auth;
    const oldest = oldestAt === undefined ? {} : { outgoingSince: oldestAt };
    return { received, delivered, outgoing: length, ...oldest };
  }

  function step(happened: typeof summary): void {
    const at = Date.now();
    const machine = actor.getSnapshot();
    const now = whereIs(machine);
    const over = machine.status !== 'active';
    const usable = !over && machine.tags.has('usable');
    counters.count({ at, summary: happened, facts: announced, state: now.state, usable });
    const moved = now.detail !== detail;
    if (!moved && announced.length === 0 && !over) return;
    const left = moved && detail !== undefined ? { detail, afterMs: Math.max(0, at - since) } : undefined;
    if (moved) {
      ({ detail } = now);
      since = at;
    }
    summary = happened;
    const frame = frameAt(at, ring.last + 1, {
      facts: announced,
      warnings: warnings.length === 0 ? undefined : warnings,
      left,
    });
    announced = [];
    warnings = [];
    ring.push(frame);
    for (const wakeUp of [...wake]) wakeUp();
    listeners.tell(frame);
    if (over) stop();
  }

  const subscriptions = [
    ...factTypes.map((type) =>
      actor.on(type, (event) => {
        const fact = factOf(event.type);
        if (fact !== undefined) announced.push(fact);
        const warning = event.type === 'warning' ? warningOf(event.warning?.kind) : undefined;
        if (warning !== undefined) warnings.push(warning);
      }),
    ),
    { unsubscribe: watchEvents(actor, (event) => step(summaryOf(event))) },
  ];

  function stop(): void {
    if (ended) return;
    ended = true;
    for (const subscription of subscriptions) subscription.unsubscribe();
    for (const wakeUp of [...wake]) wakeUp();
    listeners.clear();
  }

  const observer: Observer = {
    name,
    now: () => frameAt(Date.now(), ring.last, {}),
    get frames() {
      return ring.after(0);
    },
    get held() {
      return held();
    },
    get outgoing() {
      return messages().outgoing;
    },
    get received() {
      return messages().received;
    },
    get delivered() {
      return messages().delivered;
    },
    get seq() {
      return ring.last;
    },
    framesAfter: (seq) => ring.after(seq),
    subscribe: (listener) => listeners.add(listener),
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

import type { Subscription } from 'xstate';
import { detailOf, factOf, stateOf, warningOf } from './allow.ts';
import type { Fact, Frame } from './frame.ts';
import { type Circumstances, frameOf, tagsOf } from './frame-of.ts';
import { streamOf } from './frame-stream.ts';
import { type Happening, happeningOf } from './happening.ts';
import type { Observable } from './observable.ts';
import type { Observer, ObserveOptions } from './observer.ts';
import { Ring } from './ring.ts';
import { Tally } from './tally.ts';
import { textOf } from './text.ts';

const emitted = [
  'refreshed',
  'logged-in',
  'adopted',
  'device-changed',
  'locked',
  'failed',
  'warning',
] as const satisfies readonly Fact[];

/**
 * Watches a session from outside. It never listens through `auth.on`, so that what goes unheard is still logged.
 * @throws {TypeError} if an option is of no use
 */
export function observe(auth: Observable, options: ObserveOptions = {}): Observer {
  const { keep = 200, logger = console } = options;
  const name = textOf(options.name ?? 'bot', 60);
  if (name === undefined || name === '') {
    throw new TypeError(
      'The option "name" of observe() is empty. Give the bot a name, or leave the option out.',
    );
  }
  if (!Number.isInteger(keep) || keep < 1) {
    throw new TypeError('The option "keep" of observe() must be a whole number of frames, 1 or more.');
  }

  const { actor } = auth;
  const ring = new Ring<Frame>(keep);
  const tally = new Tally(Date.now());
  const wake = new Set<() => void>();
  const listeners = new Map<(frame: Frame) => void, { told: boolean }>();
  let facts: Fact[] = [];
  let warning: Frame['warning'];
  let ended = false;

  const frame = (circumstances: Partial<Circumstances> & Pick<Circumstances, 'at' | 'happening'>): Frame =>
    frameOf(auth, {
      seq: ring.last,
      bot: name,
      facts: [],
      warning: undefined,
      left: undefined,
      counters: (held) => tally.counters(held),
      durations: tally.durations(circumstances.at),
      ...circumstances,
    });

  function step(event: unknown): void {
    const at = Date.now();
    const happening = event === undefined ? { event: 'observed' } : happeningOf(event);
    const { state, detail } = auth.snapshot();
    const usable = tagsOf(actor.getSnapshot()).includes('usable');
    const before = ring.at(ring.last);
    const moved = before === undefined || (detailOf(detail) ?? before.detail) !== before.detail;
    tally.take({ at, happening, facts, state: stateOf(state) ?? 'stopped', usable });
    const over = actor.getSnapshot().status !== 'active';
    if (moved || over || facts.length > 0) record(at, happening, moved ? before : undefined);
    if (over) stop();
  }

  function record(at: number, happening: Happening, before: Frame | undefined): void {
    const left =
      before === undefined ? undefined : { detail: before.detail, afterMs: Math.max(0, at - before.since) };
    const next = frame({ seq: ring.last + 1, at, happening, facts, warning, left });
    facts = [];
    warning = undefined;
    ring.push(next);
    for (const wakeUp of [...wake]) wakeUp();
    for (const [listener, state] of listeners) tell(listener, state, next);
  }

  function tell(listener: (frame: Frame) => void, state: { told: boolean }, next: Frame): void {
    try {
      listener(next);
    } catch (error) {
      if (state.told) return;
      state.told = true;
      const what = error instanceof Error ? error.name : 'something that is no Error';
      logger.warn(
        `matrix-auth-machine: a listener of the observer "${name}" threw ${what}. Mend the listener; the session goes on, and so do the frames.`,
      );
    }
  }

  const subscriptions: Subscription[] = emitted.map((type) =>
    actor.on(type, (event) => {
      const fact = factOf(event.type);
      if (fact !== undefined) facts.push(fact);
      if (event.type === 'warning') warning = warningOf(event.warning?.kind);
    }),
  );
  subscriptions.push(
    actor.system.inspect((inspected) => {
      if (inspected.type !== '@xstate.snapshot' || inspected.actorRef !== actor) return;
      try {
        step(inspected.event);
      } catch {
        // Whoever only watches must not bring down the machine.
      }
    }),
  );

  function stop(): void {
    if (ended) return;
    ended = true;
    for (const subscription of subscriptions) subscription.unsubscribe();
    for (const wakeUp of [...wake]) wakeUp();
    listeners.clear();
  }

  const observer: Observer = {
    name,
    now() {
      const last = ring.at(ring.last);
      return frame({ at: Date.now(), happening: { event: last?.event ?? 'observed' } });
    },
    get frames() {
      return ring.after(0);
    },
    framesAfter: (seq) => ring.after(seq),
    subscribe(listener) {
      const own = (next: Frame) => listener(next);
      if (!ended) listeners.set(own, { told: false });
      return () => {
        listeners.delete(own);
      };
    },
    stream: (options = {}) => streamOf({ ring, ended: () => ended, wake }, options),
    [Symbol.asyncIterator]: () => observer.stream(),
    stop,
  };
  step(undefined);
  return observer;
}

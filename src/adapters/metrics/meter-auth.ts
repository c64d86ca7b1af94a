import { type BatchObservableCallback, type Meter, metrics } from '@opentelemetry/api';
import { watchEvents } from '../../machines/auth/event-log.ts';
import { authMachine } from '../../machines/index.ts';
import { numberOf, reasonOf, reasons, warningOf, warnings } from './allow.ts';
import { countersOf, gaugesOf } from './instruments.ts';
import type { Metered } from './metered.ts';
import { refusalIn } from './refusal.ts';
import { isUsable, stateOf, Stopwatch } from './stopwatch.ts';

export interface MeterOptions {
  /** The bot's name: the attribute `bot` of everything that is measured. Default `bot`. */
  readonly name?: string;
  /** Where the instruments are made. Default: `metrics.getMeter('matrix-auth-machine')`. */
  readonly meter?: Meter;
}

const states = Object.keys(authMachine.states);

/**
 * Measures a session through OpenTelemetry's API. Without an SDK it costs next to nothing, and nothing comes of it.
 * Returns a function that ends it.
 */
export function meterAuth(auth: Metered, options: MeterOptions = {}): () => void {
  const { name: bot = 'bot', meter = metrics.getMeter('matrix-auth-machine') } = options;
  const { actor } = auth;
  const counters = countersOf(meter);
  const gauges = gaugesOf(meter);
  beginAtZero(counters, bot);
  const stopwatch = new Stopwatch(Date.now());
  stopwatch.take(actor.getSnapshot(), Date.now());

  const collect: BatchObservableCallback = (result) => {
    const machine = actor.getSnapshot();
    const now = Date.now();
    const expiresAt = numberOf(machine.context.session?.expiresAt);
    result.observe(gauges.withoutToken, stopwatch.withoutTokenMs(now) / 1000, { bot });
    result.observe(gauges.held, numberOf(auth.held) ?? 0, { bot });
    result.observe(gauges.usable, isUsable(machine) ? 1 : 0, { bot });
    if (expiresAt !== undefined) result.observe(gauges.expiresIn, (expiresAt - now) / 1000, { bot });
    const current = stateOf(machine);
    for (const state of states) result.observe(gauges.state, state === current ? 1 : 0, { bot, state });
  };
  meter.addBatchObservableCallback(collect, Object.values(gauges));

  function step(event: unknown): void {
    const refusal = refusalIn(event);
    if (refusal !== undefined) counters.refusals.add(1, { bot, ...refusal });
    const machine = actor.getSnapshot();
    const left = stopwatch.take(machine, Date.now());
    if (left?.left === 'refreshing' && machine.matches('reconnecting')) {
      counters.renewal.record(left.afterMs / 1000, { bot });
    }
    if (left?.left === 'reconnecting' && machine.matches('valid')) {
      counters.reconnect.record(left.afterMs / 1000, { bot });
    }
  }

  const subscriptions = [
    actor.on('refreshed', () => counters.refreshes.add(1, { bot })),
    actor.on('logged-in', () => counters.logins.add(1, { bot })),
    actor.on('adopted', () => counters.adoptions.add(1, { bot })),
    actor.on('failed', ({ reason }) => counters.failures.add(1, { bot, reason: reasonOf(reason) })),
    actor.on('warning', ({ warning }) => counters.warnings.add(1, { bot, kind: warningOf(warning?.kind) })),
    { unsubscribe: watchEvents(actor, step) },
  ];
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
    meter.removeBatchObservableCallback(collect, Object.values(gauges));
  };
}

/**
 * Makes the series whose first event matters. One that begins with 1 has no increase to Prometheus, so that the first
 * failure of a kind would not be seen.
 */
function beginAtZero(counters: ReturnType<typeof countersOf>, bot: string): void {
  for (const counter of [counters.refreshes, counters.logins, counters.adoptions]) counter.add(0, { bot });
  for (const reason of reasons) counters.failures.add(0, { bot, reason });
  for (const kind of warnings) counters.warnings.add(0, { bot, kind });
}

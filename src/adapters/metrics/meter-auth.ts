import {
  type Attributes,
  type BatchObservableCallback,
  type Counter,
  type Meter,
  metrics,
} from '@opentelemetry/api';
import { advice, authMachine } from '../../machines/auth/index.ts';
import { type Frame, type Observable, observe, warningKinds } from '../../observe/index.ts';
import { countersOf, gaugesOf } from './instruments.ts';

export interface MeterOptions {
  /** The bot's name: the attribute `bot` of everything that is measured. Default `bot`. */
  readonly name?: string;
  /** Where the instruments are made. Default: `metrics.getMeter('matrix-auth-machine')`. */
  readonly meter?: Meter;
}

const states = Object.keys(authMachine.states);

/**
 * Measures a session through OpenTelemetry's API, by its frames. Without an SDK nothing is measured. Returns a function
 * that ends it.
 * @throws {TypeError} if the name is empty
 */
export function meterAuth(auth: Observable, options: MeterOptions = {}): () => void {
  const { name, meter = metrics.getMeter('matrix-auth-machine') } = options;
  const observer = observe(auth, { keep: 1, ...(name === undefined ? {} : { name }) });
  const bot = observer.name;
  const counters = countersOf(meter);
  const gauges = gaugesOf(meter);
  beginAtZero(counters, bot);

  const added = new Map<string, number>();
  /** Brings a counter up to what the session has counted so far. */
  function raise(key: string, counter: Counter, total: number, attributes: Attributes): void {
    const more = total - (added.get(key) ?? 0);
    added.set(key, total);
    if (more > 0) counter.add(more, attributes);
  }

  function raiseAll({ counters: { refreshes, logins, adoptions, refusals } }: Frame): void {
    raise('refreshes', counters.refreshes, refreshes, { bot });
    raise('logins', counters.logins, logins, { bot });
    raise('adoptions', counters.adoptions, adoptions, { bot });
    for (const [endpoint, byMeaning] of Object.entries(refusals)) {
      for (const [meaning, total] of Object.entries(byMeaning)) {
        raise(`${endpoint} ${meaning}`, counters.refusals, total, { bot, endpoint, meaning });
      }
    }
  }

  function measure(frame: Frame): void {
    raiseAll(frame);
    const { facts, reason, warnings = [], durations, state, left } = frame;
    if (facts.includes('failed')) counters.failures.add(1, { bot, reason: reason ?? 'unknown' });
    for (const kind of warnings) counters.warnings.add(1, { bot, kind });
    if (facts.some((fact) => fact === 'refreshed' || fact === 'logged-in' || fact === 'adopted')) {
      if (left?.detail.startsWith('refreshing.') && durations.refreshMs !== undefined)
        counters.renewal.record(durations.refreshMs / 1000, { bot });
    }
    if (state === 'valid' && left?.detail.startsWith('reconnecting.') && durations.reconnectMs !== undefined)
      counters.reconnect.record(durations.reconnectMs / 1000, { bot });
  }

  const collect: BatchObservableCallback = (result) => {
    const frame = observer.now();
    const { at, state, tags, expiresAt, counters: counted, durations } = frame;
    // Refusals that changed nothing else have no frame of their own.
    raiseAll(frame);
    result.observe(gauges.withoutToken, durations.withoutTokenMs / 1000, { bot });
    result.observe(gauges.held, counted.held, { bot });
    result.observe(gauges.outgoing, counted.outgoing, { bot });
    const age = counted.outgoingSince === undefined ? 0 : Math.max(0, at - counted.outgoingSince) / 1000;
    result.observe(gauges.outgoingAge, age, { bot });
    result.observe(gauges.usable, tags.includes('usable') ? 1 : 0, { bot });
    if (expiresAt !== undefined) result.observe(gauges.expiresIn, (expiresAt - at) / 1000, { bot });
    for (const name of states) result.observe(gauges.state, name === state ? 1 : 0, { bot, state: name });
  };

  const unsubscribe = observer.subscribe(measure);
  meter.addBatchObservableCallback(collect, Object.values(gauges));
  return () => {
    raiseAll(observer.now());
    unsubscribe();
    observer.stop();
    meter.removeBatchObservableCallback(collect, Object.values(gauges));
  };
}

/**
 * Makes the series whose first event matters. One that begins with 1 has no increase to Prometheus, so that the first
 * failure of a kind would not be seen.
 */
function beginAtZero(counters: ReturnType<typeof countersOf>, bot: string): void {
  for (const counter of [counters.refreshes, counters.logins, counters.adoptions]) counter.add(0, { bot });
  for (const reason of Object.keys(advice)) counters.failures.add(0, { bot, reason });
  for (const kind of warningKinds) counters.warnings.add(0, { bot, kind });
}

import type {
  Attributes,
  BatchObservableCallback,
  Meter,
  MetricOptions,
  Observable,
} from '@opentelemetry/api';

export interface Measured {
  readonly name: string;
  readonly attributes: Attributes;
  readonly value: number;
}

export interface ReadingMeter extends Meter {
  /** What an SDK would export now: sums of counters, counts of histograms, and what the callbacks observe. */
  read(): readonly Measured[];
  /** The value of one series; `undefined` if there is none. */
  value(name: string, attributes?: Attributes): number | undefined;
  readonly instruments: ReadonlyMap<string, MetricOptions>;
}

/** A meter that keeps what it is told, as an SDK does. */
export function readingMeter(): ReadingMeter {
  const instruments = new Map<string, MetricOptions>();
  const sums = new Map<string, Measured>();
  const callbacks = new Set<BatchObservableCallback>();
  const names = new Map<object, string>();

  function add(name: string, value: number, attributes: Attributes = {}): void {
    const key = `${name} ${JSON.stringify(attributes)}`;
    sums.set(key, { name, attributes, value: (sums.get(key)?.value ?? 0) + value });
  }

  const counter = (name: string, options: MetricOptions = {}) => {
    instruments.set(name, options);
    return { add: (value: number, attributes?: Attributes) => add(name, value, attributes) };
  };
  const observable = (name: string, options: MetricOptions = {}) => {
    instruments.set(name, options);
    const instrument = { addCallback() {}, removeCallback() {} };
    names.set(instrument, name);
    return instrument;
  };

  const meter: ReadingMeter = {
    instruments,
    createCounter: counter,
    createUpDownCounter: counter,
    createGauge: (name, options = {}) => {
      instruments.set(name, options);
      return { record: (value, attributes) => add(name, value, attributes) };
    },
    createHistogram: (name, options = {}) => {
      instruments.set(name, options);
      return { record: (_value, attributes) => add(`${name}.count`, 1, attributes) };
    },
    createObservableCounter: observable,
    createObservableGauge: observable,
    createObservableUpDownCounter: observable,
    addBatchObservableCallback: (callback) => void callbacks.add(callback),
    removeBatchObservableCallback: (callback) => void callbacks.delete(callback),
    read() {
      const observed: Measured[] = [];
      const observe = (metric: Observable, value: number, attributes: Attributes = {}) => {
        observed.push({ name: names.get(metric) ?? '', attributes, value });
      };
      for (const callback of callbacks) void callback({ observe });
      return [...sums.values(), ...observed];
    },
    value(name, attributes = {}) {
      const wanted = Object.entries(attributes);
      return meter
        .read()
        .find((one) => one.name === name && wanted.every(([key, value]) => one.attributes[key] === value))
        ?.value;
    },
  };
  return meter;
}

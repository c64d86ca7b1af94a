import { createActor, createMachine } from 'xstate';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { wallClock } from '../../../src/machines/index.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: 1_772_366_400_000 });
});
afterEach(() => vi.useRealTimers());

function timer(ms: number) {
  const fn = vi.fn<() => void>();
  return { fn, handle: wallClock.setTimeout(fn, ms) };
}

/** The wall clock moves, and the timers did not notice: the machine was suspended, or its clock was set. */
const jump = (ms: number) => vi.setSystemTime(Date.now() + ms);

test.each([0, 1, 999, minute, minute + 1, 5 * minute, day, 24.8 * day, 60 * day, 400 * day])(
  'waits for %i ms, neither shorter nor longer, and fires once',
  (ms) => {
    const { fn } = timer(ms);
    if (ms > 0) vi.advanceTimersByTime(ms - 1);
    expect(fn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2 * minute);
    expect(fn).toHaveBeenCalledTimes(1);
  },
);

test('takes a time in the past for now', () => {
  const { fn } = timer(-hour);
  vi.advanceTimersByTime(0);
  expect(fn).toHaveBeenCalledTimes(1);
});

test('counts the time that the machine was suspended, and fires within a minute after waking', () => {
  const { fn } = timer(30 * minute);
  vi.advanceTimersByTime(5 * minute);
  jump(hour);
  vi.advanceTimersByTime(minute);
  expect(fn).toHaveBeenCalledTimes(1);
});

test('counts a suspension that was too short only for what it was', () => {
  const { fn } = timer(30 * minute);
  jump(10 * minute);
  vi.advanceTimersByTime(20 * minute - 1);
  expect(fn).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fn).toHaveBeenCalledTimes(1);
});

test('waits no longer when the clock is set back', () => {
  const { fn } = timer(30 * minute);
  vi.advanceTimersByTime(10 * minute);
  jump(-day);
  vi.advanceTimersByTime(20 * minute - 1);
  expect(fn).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fn).toHaveBeenCalledTimes(1);
});

test.each([0, 90 * minute])('does not fire once it was cleared, after %i ms', (after) => {
  const { fn, handle } = timer(2 * hour);
  vi.advanceTimersByTime(after);
  wallClock.clearTimeout(handle);
  expect(vi.getTimerCount()).toBe(0);
  jump(day);
  vi.advanceTimersByTime(day);
  expect(fn).not.toHaveBeenCalled();
});

test('clearing what has fired, or was never set, is harmless', () => {
  const { fn, handle } = timer(10);
  vi.advanceTimersByTime(10);
  expect(fn).toHaveBeenCalledTimes(1);
  expect(() => {
    wallClock.clearTimeout(handle);
    wallClock.clearTimeout(undefined);
  }).not.toThrow();
});

test('a machine that runs on it stays in a state for 60 days, and not a moment', () => {
  const machine = createMachine({
    initial: 'waiting',
    states: { waiting: { after: { [60 * day]: 'done' } }, done: {} },
  });
  const actor = createActor(machine, { clock: wallClock }).start();
  vi.advanceTimersByTime(60 * day - 1);
  expect(actor.getSnapshot().value).toBe('waiting');
  vi.advanceTimersByTime(1);
  expect(actor.getSnapshot().value).toBe('done');
  actor.stop();
});

import { afterEach, beforeEach, vi } from 'vitest';
import { noon } from './sessions.ts';

/** Sets the wall clock to noon for each test of the file; {@link pass} moves it on. Timers are the held clock's. */
export function atNoon(): void {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: noon }));
  afterEach(() => vi.useRealTimers());
}

/** Lets wall-clock time pass, in ms. */
export const pass = (ms: number): unknown => vi.setSystemTime(Date.now() + ms);

import { describe, expect, it } from 'vitest';
import { Listeners } from '../../src/auth/listeners.ts';

function make() {
  const errors: string[] = [];
  const listeners = new Listeners({ warn: () => {}, error: (line) => errors.push(line) });
  return { listeners, errors };
}
const locked = { type: 'locked' } as const;

describe('listeners', () => {
  it('are called in the order in which they came, with the event, and only for their type', () => {
    const { listeners } = make();
    const calls: unknown[] = [];
    listeners.on('locked', (event) => calls.push(['first', event]));
    listeners.on('locked', (event) => calls.push(['second', event]));
    listeners.on('adopted', () => calls.push('never'));
    listeners.emit('locked', locked);
    expect(calls).toEqual([
      ['first', locked],
      ['second', locked],
    ]);
  });

  it('are no longer called when they are off; twice off is off', () => {
    const { listeners } = make();
    let calls = 0;
    const off = listeners.on('locked', () => {
      calls += 1;
    });
    expect(listeners.has('locked')).toBe(true);
    off();
    off();
    listeners.emit('locked', locked);
    expect(calls).toBe(0);
    expect(listeners.has('locked')).toBe(false);
  });

  it('may take themselves or others off while they are called', () => {
    const { listeners } = make();
    const calls: string[] = [];
    const off = listeners.on('locked', () => {
      calls.push('once');
      off();
    });
    listeners.on('locked', () => calls.push('always'));
    listeners.emit('locked', locked);
    listeners.emit('locked', locked);
    expect(calls).toEqual(['once', 'always', 'always']);
  });

  it.each([
    [new TypeError('oh'), 'TypeError: oh'],
    ['a string', 'something that is no Error'],
  ])('that throw %s are told so, and harm nobody', (thrown, words) => {
    const { listeners, errors } = make();
    let called = false;
    listeners.on('locked', () => {
      throw thrown;
    });
    listeners.on('locked', () => {
      called = true;
    });
    listeners.emit('locked', locked);
    expect(called).toBe(true);
    expect(errors).toEqual([expect.stringContaining(`a listener for "locked" threw ${words}`)]);
  });

  it('that are async and reject are told so, too, instead of crashing the process', async () => {
    const { listeners, errors } = make();
    const rejection = Promise.reject(new Error('the pager is away'));
    // Only so that this test does not crash its own process.
    rejection.catch(() => undefined);
    listeners.on('locked', () => rejection as unknown as undefined);
    listeners.emit('locked', locked);
    await rejection.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([expect.stringContaining('the pager is away')]);
  });

  it('the same function given twice is two listeners: ending one leaves the other', () => {
    const { listeners } = make();
    let calls = 0;
    const handler = () => {
      calls += 1;
    };
    listeners.on('locked', handler);
    listeners.on('locked', handler)();
    listeners.emit('locked', locked);
    expect(calls).toBe(1);
  });
});

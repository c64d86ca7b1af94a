import { describe, expect, it } from 'vitest';
import { Gate, type GateState, RequestHeldTooLongError } from '../../src/adapters/fetch/index.ts';
import { runRetrying } from '../../src/auth/run-retrying.ts';
import { SdkError } from './make.ts';

class ClosedError extends Error {}

function make(maxHeldMs?: number) {
  let state: GateState = 'open';
  const gate = new Gate({
    state: () => state,
    closedError: () => new ClosedError('failed'),
    ...(maxHeldMs === undefined ? {} : { maxHeldMs }),
  });
  const world = {
    generation: 1,
    restored: 0,
    rejected: [] as number[],
    onRejected: (): void => world.renew(),
    move(next: GateState) {
      state = next;
      gate.update();
    },
    renew() {
      world.generation += 1;
      world.move('open');
    },
    held: () => gate.held,
    run: <T>(work: () => T | Promise<T>) =>
      runRetrying(work, {
        gate,
        generation: () => world.generation,
        onRejected: (generation) => {
          world.rejected.push(generation);
          world.onRejected();
        },
        restoreToken: async () => {
          world.restored += 1;
        },
      }),
  };
  return world;
}

/** Work that fails with these errors, one after the other, and then succeeds. */
function failing(...errors: unknown[]) {
  const work = () => {
    work.runs += 1;
    const error = errors[work.runs - 1];
    if (error !== undefined) throw error;
    return 'done';
  };
  work.runs = 0;
  return work;
}

const dead = () => new SdkError(401, 'M_UNKNOWN_TOKEN');
const missing = () => new SdkError(401, 'M_MISSING_TOKEN');

describe('work', () => {
  it('that succeeds is run once', async () => {
    const world = make();
    const work = failing();
    expect(await world.run(work)).toBe('done');
    expect(await world.run(async () => 'later')).toBe('later');
    expect(work.runs).toBe(1);
  });

  it('waits until the client is live', async () => {
    const world = make();
    world.move('waiting');
    const work = failing();
    const result = world.run(work);
    expect([world.held(), work.runs]).toEqual([1, 0]);
    world.move('open');
    expect(await result).toBe('done');
  });

  it.each([
    ['M_UNKNOWN_TOKEN', dead()],
    ['M_USER_LOCKED', new SdkError(401, 'M_USER_LOCKED')],
    ['as a cause', new Error('could not send', { cause: dead() })],
  ])('that met a dead token is run again from its start: %s', async (_, error) => {
    const world = make();
    const work = failing(error);
    expect(await world.run(work)).toBe('done');
    expect(work.runs).toBe(2);
    expect(world.rejected).toEqual([1]);
  });

  it('names the token that it ran with, not the one that came meanwhile', async () => {
    const world = make();
    let runs = 0;
    await world.run(async () => {
      runs += 1;
      if (runs > 1) return;
      world.renew();
      throw dead();
    });
    expect(world.rejected).toEqual([1]);
  });

  it('is run three times at the most', async () => {
    const world = make();
    const last = dead();
    const work = failing(dead(), dead(), last);
    await expect(world.run(work)).rejects.toBe(last);
    expect(work.runs).toBe(3);
  });

  it.each([
    ['what is no refusal', new TypeError('a bug')],
    ['M_FORBIDDEN', new SdkError(403, 'M_FORBIDDEN')],
    ['UIA', new SdkError(401, undefined, { flows: [] })],
    ['a rate limit', new SdkError(429, 'M_LIMIT_EXCEEDED')],
    ['a server error', new SdkError(500, 'M_UNKNOWN_TOKEN')],
  ])('that throws %s throws it at once', async (_, error) => {
    const world = make();
    const work = failing(error);
    await expect(world.run(work)).rejects.toBe(error);
    expect(work.runs).toBe(1);
    expect(world.rejected).toEqual([]);
  });

  it('whose client had no token is given it once, and run again', async () => {
    const world = make();
    const work = failing(missing());
    expect(await world.run(work)).toBe('done');
    expect(world.restored).toBe(1);
    expect(world.rejected).toEqual([]);
  });

  it('that lacks a token twice fails: something strips it', async () => {
    const world = make();
    const second = missing();
    const work = failing(missing(), second);
    await expect(world.run(work)).rejects.toBe(second);
    expect(world.restored).toBe(1);
    expect(work.runs).toBe(2);
  });

  it('gets the refusal itself when the session has failed', async () => {
    const world = make();
    world.onRejected = () => world.move('failed');
    const error = dead();
    await expect(world.run(failing(error))).rejects.toBe(error);
  });

  it('is not run at all when the session has failed before', async () => {
    const world = make();
    world.move('failed');
    const work = failing();
    await expect(world.run(work)).rejects.toThrow(ClosedError);
    expect(work.runs).toBe(0);
  });

  it('waits only as long as it may, over all its runs', async () => {
    const world = make(20);
    world.onRejected = () => world.move('waiting');
    await expect(world.run(failing(dead()))).rejects.toThrow(RequestHeldTooLongError);
  });
});

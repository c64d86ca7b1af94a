import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { authMachine } from '../../../src/machines/index.ts';
import { authPaths } from '../../../src/machines/auth/model/auth-paths.ts';
import { transitionsOf } from '../../../src/statechart/structure.ts';
import { walk } from './walk.ts';

// The plans are made, and walked, at one moment: what changes is what the plans say.
const now = new Date('2026-03-01T12:00:00Z');
vi.useFakeTimers({ toFake: ['Date'], now });
const paths = authPaths();
const { coverage, edgeCoveringPaths } = paths;

beforeAll(() => vi.useFakeTimers({ toFake: ['Date'], now }));
beforeEach(() => vi.setSystemTime(now));
afterAll(() => vi.useRealTimers());

describe('every way through the machine', () => {
  test('is known: no edge is out of reach', () => {
    console.log(
      `Edges of the machine that the model suite covers: ${coverage.covered} of ${coverage.total}, by ${edgeCoveringPaths.length} paths.`,
    );
    expect(coverage.unreached).toEqual([]);
    expect(coverage.covered).toBe(coverage.total);
    expect(new Set(edgeCoveringPaths.flatMap(({ covers }) => covers)).size).toBe(coverage.total);
  });

  test.each(edgeCoveringPaths)('$name', async (path) => {
    expect(await walk(path)).toBe(path.steps.length);
  });
});

type Alter = (machine: typeof authMachine) => typeof authMachine;

/** The first path that the altered machine does not walk as planned. */
async function caughtBy(alter: Alter, among = edgeCoveringPaths): Promise<string | undefined> {
  for (const path of among) {
    vi.setSystemTime(now);
    try {
      await walk(path, alter);
    } catch {
      return path.name;
    }
  }
  return undefined;
}

function withWrongTarget(id: string): Alter {
  return (machine) => {
    const edge = transitionsOf(machine).find((each) => each.id === id);
    const wrong = edge?.targets.includes('auth.stopped') ? 'auth.failed' : 'auth.stopped';
    Object.assign(edge?.definition ?? {}, { target: [machine.getStateNodeById(wrong)] });
    return machine;
  };
}

describe('a mistake in the machine turns a path red', () => {
  const wrongGuards = Object.keys(authMachine.implementations.guards)
    .flatMap((guard) => [true, false].map((answer) => ({ guard, answer })))
    // `refresh` without a way to renew would go to `refreshing` and be back in the same step: nothing can be seen of it.
    .filter(({ guard, answer }) => !(guard === 'canRenew' && answer))
    // These show in what is left running, and in a token given twice over: given-token.test.ts and client.test.ts have them.
    .filter(({ guard }) => guard !== 'newerSessionOfSameDevice' && guard !== 'expiryReached');

  test.each(wrongGuards)('the guard $guard always says $answer', async ({ guard, answer }) => {
    const alter: Alter = (machine) => machine.provide({ guards: { [guard]: () => answer } });
    expect(await caughtBy(alter)).toBeDefined();
  });

  test.each(transitionsOf(authMachine).filter(({ targets }) => targets.length > 0))(
    'the wrong target of: $id',
    async ({ id }) => {
      const over = edgeCoveringPaths.filter(({ steps }) => steps.some(({ edges }) => edges.includes(id)));
      expect(await caughtBy(withWrongTarget(id), over)).toBeDefined();
    },
  );
});

// The paths of this package stand on `xstate/graph`, which is what became of @xstate/test. Here its last release for
// XState 5 walks the same machine, as a second opinion.
import { createTestModel } from '@xstate/test';
import { type AnyEventObject, pathToStateValue, type SnapshotFrom } from 'xstate';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { authCases } from '../../../src/machines/auth/model/cases.ts';
import { authStateKey } from '../../../src/machines/auth/model/state-key.ts';
import { initialContext } from '../../../src/machines/auth/context.ts';
import { authMachine } from '../../../src/machines/index.ts';
import { marked } from '../../../src/statechart/paths/edges.ts';
import { type Move, PlanExplorer } from '../../../src/statechart/paths/explore.ts';
import { statesOf } from '../../../src/statechart/structure.ts';
import { abstracted } from '../abstracted.ts';
import { HeldMachine } from '../../machines/auth/held-machine.ts';
import { noon } from '../../machines/auth/sessions.ts';
import { perform } from '../../machines/auth/walk.ts';

type Snapshot = SnapshotFrom<typeof authMachine>;

vi.useFakeTimers({ toFake: ['Date'], now: noon });
beforeAll(() => vi.useFakeTimers({ toFake: ['Date'], now: noon }));
afterAll(() => vi.useRealTimers());

const walker = new PlanExplorer(marked(authMachine), { cases: authCases });
const moves = new Map<AnyEventObject, Move<typeof authMachine>>();

const model = createTestModel(abstracted(authMachine, initialContext({ salt: 0.5 })) as never, {
  events: ((snapshot: Snapshot) =>
    walker.movesIn(snapshot).map((move) => {
      const event = walker.eventOf(move, snapshot);
      moves.set(event, move);
      return event;
    })) as never,
  serializeState: (snapshot: Snapshot) => authStateKey(snapshot),
  serializeEvent: (event: AnyEventObject) => `${event.type} ${moves.get(event)?.name}`,
  stopCondition: (snapshot: Snapshot) => snapshot.status !== 'active',
});
const paths = model.getShortestPaths();

describe('@xstate/test 1.0.0-beta.5 on the abstracted machine', () => {
  test('reaches every state that the machine rests in', () => {
    const reached = paths.flatMap(({ steps }) => steps.map(({ state }) => state as unknown as Snapshot));
    const leaves = statesOf(authMachine).filter(
      ({ type, always }) => type === 'atomic' && always === undefined,
    );
    const missed = leaves.filter(
      ({ path }) => !reached.some((state) => state.matches(pathToStateValue(path) as never)),
    );
    expect(missed.map(({ id }) => id)).toEqual([]);
  });

  test('its paths are walked by the real machine', async () => {
    console.log(`@xstate/test: ${paths.length} paths.`);
    for (const path of paths) {
      const held = new HeldMachine();
      let checked = 0;
      const story: string[] = [];
      const execute = async ({ event }: { readonly event: AnyEventObject }) => {
        const move = moves.get(event);
        story.push(move?.name ?? event.type);
        await perform(held, move === undefined ? event : walker.eventOf(move, held.actor.getSnapshot()));
      };
      const types = new Set(path.steps.map(({ event }) => (event as AnyEventObject).type));
      await path.test({
        events: Object.fromEntries([...types].map((type) => [type, execute])) as never,
        states: {
          '*': (state) => {
            expect(held.value, story.join(', ')).toEqual((state as unknown as Snapshot).value);
            checked += 1;
          },
        },
      });
      expect(checked).toBe(path.steps.length);
      held.actor.stop();
    }
  });
});

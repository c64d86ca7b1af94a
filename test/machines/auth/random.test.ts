import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { authCases } from '../../../src/machines/auth/model/cases.ts';
import { authMachine } from '../../../src/machines/index.ts';
import { marked } from '../../../src/statechart/paths/edges.ts';
import { PlanExplorer } from '../../../src/statechart/paths/explore.ts';
import { HeldMachine } from './held-machine.ts';
import { noon } from './sessions.ts';
import { perform } from './walk.ts';
import { atNoon } from './at-noon.ts';
import { rounds } from '../../support/long.ts';

atNoon();

const walker = new PlanExplorer(marked(authMachine), { cases: authCases });

/** What holds whatever has happened. */
function check(held: HeldMachine, callsBefore: number): void {
  const snapshot = held.actor.getSnapshot();
  const { context } = snapshot;
  expect(held.errors).toEqual([]);
  expect(held.pending.length, 'one thing at a time').toBeLessThanOrEqual(1);
  expect(held.calls.length - callsBefore, 'one event asks for one thing at most').toBeLessThanOrEqual(1);
  if (snapshot.hasTag('usable')) expect(context.session).toBeDefined();
  if (snapshot.hasTag('live')) expect(snapshot.hasTag('usable')).toBe(true);
  const due = held.pending.length > 0 || held.clock.pending.length > 0;
  const settled =
    snapshot.status === 'done' || snapshot.matches({ valid: 'resting' }) || snapshot.matches('failed');
  expect(due || settled, 'nothing is stuck').toBe(true);
  if (snapshot.matches('failed')) expect(context.failureReason).toBeDefined();
  if (
    snapshot.matches('valid') &&
    !snapshot.matches({ valid: 'checking' }) &&
    !snapshot.matches({ valid: 'backingOff' })
  ) {
    expect(context).toMatchObject({
      verified: true,
      breakerOpen: false,
      failureReason: undefined,
      failures: 0,
      lastTrouble: undefined,
    });
  }
  for (const { id, input } of held.pending) {
    // A client that is being connected gets a newer token of its device afterwards.
    if (id !== 'restore' && id !== 'connect')
      expect(input).toMatchObject({ generation: context.session?.generation ?? 0 });
  }
}

test('whatever happens, in whatever order, the machine keeps its promises', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { minLength: 5, maxLength: 40 }), async (choices) => {
      vi.setSystemTime(noon);
      const held = new HeldMachine();
      held.actor.start();
      const story: string[] = [];
      for (const choice of choices) {
        const snapshot = held.actor.getSnapshot();
        const moves = walker.movesIn(snapshot).filter(({ name }) => name !== 'stopped');
        // Every other time what goes well, so that it gets somewhere.
        const move = choice % 2 === 0 ? moves[0] : moves[Math.floor(choice / 2) % moves.length];
        if (move === undefined) break;
        story.push(move.name);
        // Time passes as long as the timer lasted.
        if (move.type.startsWith('xstate.after.')) vi.setSystemTime(Date.now() + held.clock.msOf(move.type));
        if (move.case?.afterMs !== undefined) vi.setSystemTime(Date.now() + move.case.afterMs);
        const calls = held.calls.length;
        await perform(held, walker.eventOf(move, snapshot));
        try {
          check(held, calls);
        } catch (error) {
          throw new Error(`After: ${story.join(', ')}`, { cause: error });
        }
      }
      held.actor.stop();
    }),
    { numRuns: rounds({ short: 200, long: 5_000 }) },
  );
});

test('refreshing is never entered again with nothing changed and no time gone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { minLength: 5, maxLength: 60 }), async (choices) => {
      vi.setSystemTime(noon);
      const held = new HeldMachine();
      held.actor.start();
      const story: string[] = [];
      for (const choice of choices) {
        // Whatever is due now happens before anything else, as it would in life.
        for (let rounds = 0; ; rounds += 1) {
          const due = held.clock.pending.find((event) => held.clock.msOf(event) === 0);
          if (due === undefined) break;
          expect(rounds, `a busy loop after: ${story.join(', ')}, then ${due}`).toBeLessThan(5);
          held.clock.fire(due);
        }
        const snapshot = held.actor.getSnapshot();
        const moves = walker.movesIn(snapshot).filter(({ name }) => name !== 'stopped');
        const move = moves[choice % moves.length];
        if (move === undefined) break;
        story.push(move.name);
        if (move.type.startsWith('xstate.after.')) vi.setSystemTime(Date.now() + held.clock.msOf(move.type));
        if (move.case?.afterMs !== undefined) vi.setSystemTime(Date.now() + move.case.afterMs);
        await perform(held, walker.eventOf(move, snapshot));
      }
      held.actor.stop();
    }),
    { numRuns: rounds({ short: 300, long: 5_000 }) },
  );
});

import type { AnyEventObject } from 'xstate';
import { expect, vi } from 'vitest';
import type { authMachine } from '../../../src/machines/index.ts';
import type { MachinePath } from '../../../src/statechart/paths/types.ts';
import { HeldMachine } from './held-machine.ts';

/** Lets happen to the running machine what the event says. */
export async function perform(held: HeldMachine, event: AnyEventObject): Promise<void> {
  const { type } = event;
  const idAfter = (prefix: string) => type.slice(prefix.length);
  if (type === 'xstate.init') held.actor.start();
  else if (type.startsWith('xstate.done.actor.'))
    await held.answer(idAfter('xstate.done.actor.'), event['output']);
  else if (type.startsWith('xstate.error.actor.'))
    await held.fail(idAfter('xstate.error.actor.'), event['error']);
  else if (type.startsWith('xstate.after.')) held.clock.fire(type);
  else held.actor.send(event as Parameters<typeof held.actor.send>[0]);
}

/** Walks a path with the running machine, and compares it with the plan after each step; returns the steps checked. */
export async function walk(
  path: MachinePath<typeof authMachine>,
  alter?: (machine: typeof authMachine) => typeof authMachine,
): Promise<number> {
  const held = new HeldMachine(undefined, alter);
  let checked = 0;
  try {
    for (const step of path.steps) {
      const before = [held.calls.length, held.emitted.length];
      if (step.afterMs > 0) vi.setSystemTime(Date.now() + step.afterMs);
      await perform(held, step.eventFor(held.actor.getSnapshot()));
      const at = `${path.name}: after "${step.name}"`;
      expect(held.errors, at).toEqual([]);
      expect(held.emitted.slice(before[1]), at).toEqual(step.emitted);
      expect(held.value, at).toEqual(step.state.value);
      expect(held.context, at).toEqual(step.state.context);
      expect(held.actor.getSnapshot().tags, at).toEqual(step.state.tags);
      expect(held.pending.map(({ id }) => id).sort(), at).toEqual(runningServices(step.state.children));
      if (step.edges.length > 0 && step.edges.every((edge) => edge.endsWith(' ignored'))) {
        expect([held.calls.length, held.emitted.length], at).toEqual(before);
      }
      checked += 1;
    }
  } finally {
    held.actor.stop();
  }
  return checked;
}

/** What a planned state invokes: services of a plan are never started, so they stay as they were made. */
function runningServices(children: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(children)
    .filter(([, child]) => child !== undefined)
    .map(([id]) => id)
    .sort();
}

import { type AnyEventObject, createActor, type EventObject } from 'xstate';
import { notingEvents, watchEvents } from '../../../src/machines/auth/watch-events.ts';
import { type AuthEmitted, authMachine } from '../../../src/machines/index.ts';
import { drive } from './driven.ts';

interface Step {
  readonly event: EventObject;
  readonly snapshot: ReturnType<ReturnType<typeof drive>['actor']['getSnapshot']>;
  readonly emitted: readonly AuthEmitted[];
}

/** What a machine went through that adopts so many sessions. */
function stepsOf(sessions: number): Step[] {
  const driven = drive();
  const { actor } = driven;
  const steps: Step[] = [];
  let emitted: AuthEmitted[] = [];
  driven.signIn();
  actor.on('*', (each) => emitted.push(each));
  watchEvents(actor, (event) => {
    steps.push({ event, snapshot: actor.getSnapshot(), emitted });
    emitted = [];
  });
  for (let count = 0; count < sessions; count += 1) driven.signIn();
  return steps;
}

/**
 * An actor of the machine whose transitions were worked out before: it goes through them again, each with `next()`, and
 * what that takes is little beside what it takes to be watched.
 * @param sessions how many different ones it adopts: of 50 the processor has all in its caches, of 1,000 it has not
 */
export function replay(sessions: number): {
  readonly actor: ReturnType<typeof drive>['actor'];
  next(): void;
} {
  const steps = stepsOf(sessions);
  const machine = authMachine.provide({});
  let at = 0;
  machine.transition = (_, __, scope) => {
    const { snapshot, emitted } = steps[at] as Step;
    for (const each of emitted) scope.emit(each);
    // A new one, as in a machine: that it is kept costs the garbage collector something.
    snapshot.context = { ...snapshot.context };
    return snapshot;
  };
  const actor = createActor(notingEvents(machine), {
    input: { salt: 0 },
    snapshot: (steps.at(-1) as Step).snapshot,
  });
  actor.start();
  return {
    actor,
    next: () => {
      at = (at + 1) % steps.length;
      actor.send((steps[at] as Step).event as AnyEventObject as never);
    },
  };
}

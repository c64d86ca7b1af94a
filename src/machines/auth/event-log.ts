import type { ActorRefFrom, EventObject } from 'xstate';
import type { authMachine } from './machine.ts';

type Actor = ActorRefFrom<typeof authMachine>;

/** The event that each actor took last, of those whose machine notes it. */
const noted = new WeakMap<object, EventObject>();

/**
 * Makes the machine note the events of its actors, for {@link watchEvents}; to be done before it has any. Returns it.
 * XState's own inspection tells them too, but it describes every action and microstep of the whole system to do so.
 */
export function notingEvents<Machine extends typeof authMachine>(machine: Machine): Machine {
  const getInitialSnapshot = machine.getInitialSnapshot.bind(machine);
  const transition = machine.transition.bind(machine);
  machine.getInitialSnapshot = (scope, input) => {
    noted.set(scope.self, { type: 'xstate.init' });
    return getInitialSnapshot(scope, input);
  };
  machine.transition = (snapshot, event, scope) => {
    noted.set(scope.self, event);
    return transition(snapshot, event, scope);
  };
  return machine;
}

/**
 * Calls `step` with each event that the actor has taken, once its new state stands and what it emitted was told.
 * A `step` that throws harms nobody. Returns a function that ends it.
 */
export function watchEvents(actor: Actor, step: (event: EventObject) => void): () => void {
  const tell = (event: EventObject) => {
    try {
      step(event);
    } catch {
      // Whoever only watches must not bring down the machine.
    }
  };
  if (actor.getSnapshot().status !== 'active') return () => undefined;
  const subscription = noted.has(actor) ? followNoted(actor, tell) : inspectAlone(actor, tell);
  return () => subscription.unsubscribe();
}

function followNoted(actor: Actor, tell: (event: EventObject) => void) {
  const tellNoted = () => tell(noted.get(actor) as EventObject);
  return actor.subscribe({
    next: tellNoted,
    error: tellNoted,
    complete: () => {
      // A machine that came to its end by itself has told that as its last state.
      if (actor.getSnapshot().status === 'stopped') tellNoted();
    },
  });
}

function inspectAlone(actor: Actor, tell: (event: EventObject) => void) {
  return actor.system.inspect((inspected) => {
    if (inspected.type === '@xstate.snapshot' && inspected.actorRef === actor) tell(inspected.event);
  });
}

import type { ActorRefFrom, EventObject } from 'xstate';
import type { authMachine } from '../machines/auth/index.ts';

/**
 * Calls `step` with each event that the actor has taken, once its new state stands and what it emitted was delivered.
 * What `step` throws is dropped. Returns a function that ends it.
 */
export function watchEvents(
  actor: ActorRefFrom<typeof authMachine>,
  step: (event: EventObject) => void,
): () => void {
  if (actor.getSnapshot().status !== 'active') return () => undefined;
  let latest: EventObject = { type: 'xstate.error' };
  const tell = (event: EventObject) => {
    try {
      step(event);
    } catch {
      // An observer must not bring down the machine.
    }
  };
  const inspection = actor.system.inspect((inspected) => {
    if (inspected.actorRef !== actor) return;
    if (inspected.type === '@xstate.event') latest = inspected.event;
    if (inspected.type === '@xstate.snapshot') tell(inspected.event);
  });
  // An event on which the machine's own code throws brings no snapshot to inspect.
  const errors = actor.subscribe({ error: () => tell(latest) });
  return () => {
    inspection.unsubscribe();
    errors.unsubscribe();
  };
}

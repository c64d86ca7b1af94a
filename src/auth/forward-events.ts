import type { ActorRefFrom } from 'xstate';
import type { authMachine } from '../machines/index.ts';
import { AuthFailedError } from './errors.ts';
import type { Listeners } from './listeners.ts';
import type { Logger } from './options.ts';

/**
 * Hands on what the machine says to those who listen. A warning and a failure that nobody listens for are logged, so
 * that none goes unsaid.
 * @param cause what an adapter threw, where that is the reason of a failure
 */
export function announce(
  actor: ActorRefFrom<typeof authMachine>,
  listeners: Listeners,
  logger: Logger,
  cause: () => unknown,
): void {
  for (const type of ['refreshed', 'logged-in', 'adopted', 'device-changed', 'locked'] as const) {
    actor.on(type, (event) => listeners.emit(type, event as never));
  }
  actor.on('warning', (event) => {
    if (listeners.has('warning')) listeners.emit('warning', event);
    else logger.warn(`matrix-auth-machine: ${event.warning.message}`);
  });
  actor.on('failed', (event) => {
    const thrown = cause();
    if (listeners.has('failed'))
      listeners.emit('failed', thrown === undefined ? event : { ...event, cause: thrown });
    else logger.error(`matrix-auth-machine: ${new AuthFailedError(event.reason, thrown).message}`);
  });
}

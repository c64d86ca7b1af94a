import { AuthFailedError } from './errors.ts';
import type { Listeners } from './listeners.ts';
import type { Logger } from './options.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionRuntime } from './session-runtime.ts';

/** Forwards what the machine emits to the listeners. A warning or a failure without a listener is logged. */
export function forwardEvents(
  { ref }: SessionActor,
  runtime: SessionRuntime,
  listeners: Listeners,
  logger: Logger,
): void {
  for (const type of ['refreshed', 'logged-in', 'adopted', 'device-changed', 'locked'] as const) {
    ref.on(type, (event) => listeners.emit(type, event as never));
  }
  ref.on('warning', (event) => {
    if (listeners.has('warning')) listeners.emit('warning', event);
    else logger.warn(`matrix-auth-machine: ${event.warning.message}`);
  });
  ref.on('failed', (event) => {
    const { reason } = event;
    const cause = runtime.causeOf(reason);
    const advice = runtime.adviceFor(reason) ?? event.advice;
    if (listeners.has('failed'))
      listeners.emit('failed', { ...event, advice, ...(cause === undefined ? {} : { cause }) });
    else logger.error(`matrix-auth-machine: ${new AuthFailedError(reason, cause, advice).message}`);
  });
}

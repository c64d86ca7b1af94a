import { AuthFailedError } from './errors.ts';
import type { Listeners } from './listeners.ts';
import type { Logger } from './options.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionRuntime } from './session-runtime.ts';
import { seeSection } from './voice/codes.ts';

const HOUR_MS = 3_600_000;

/**
 * Forwards what the machine emits to the listeners. A warning or a failure without a listener is logged; the same warning
 * once an hour.
 */
export function forwardEvents(
  { ref }: SessionActor,
  runtime: SessionRuntime,
  listeners: Listeners,
  logger: Logger,
): void {
  for (const type of ['refreshed', 'logged-in', 'adopted', 'device-changed', 'locked'] as const) {
    ref.on(type, (event) => listeners.emit(type, event as never));
  }
  const warnedAt = new Map<string, number>();
  ref.on('warning', (event) => {
    if (listeners.has('warning')) return listeners.emit('warning', event);
    const { kind, message } = event.warning;
    if (Date.now() - (warnedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
    warnedAt.set(kind, Date.now());
    logger.warn(`matrix-auth-machine: ${kind}: ${message} ${seeSection(kind)}`);
  });
  ref.on('failed', (event) => {
    const { reason } = event;
    const cause = runtime.causeOf(reason);
    const advice = runtime.adviceFor(reason) ?? event.advice;
    if (listeners.has('failed'))
      return listeners.emit('failed', { ...event, advice, ...(cause === undefined ? {} : { cause }) });
    const { message } = new AuthFailedError(reason, cause, advice);
    logger.error(`matrix-auth-machine: ${message} ${seeSection(reason)}`);
  });
}

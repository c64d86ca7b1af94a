import type { AuthEmitted, Warning } from '../machines/auth/index.ts';
import { AuthFailedError } from './errors.ts';
import type { Listeners } from './listeners.ts';
import type { Logger } from './options.ts';
import type { SessionRuntime } from './session-runtime.ts';
import { seeSection } from './voice/codes.ts';

const HOUR_MS = 3_600_000;

interface Context {
  readonly runtime: SessionRuntime;
  readonly listeners: Listeners;
  readonly logger: Logger;
}

/**
 * Forwards what the machine emits to the listeners. A warning or a failure without a listener is logged; the same warning
 * once an hour.
 */
export class ForwardedEvents {
  readonly #context: Context;
  #warnedAt: Partial<Record<Warning['kind'], number>> | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  forward(event: AuthEmitted): void {
    if (event.type === 'warning') this.#warn(event);
    else if (event.type === 'failed') this.#fail(event);
    else this.#context.listeners.emit(event.type, event);
  }

  #warn(event: Extract<AuthEmitted, { readonly type: 'warning' }>): void {
    const { listeners, logger } = this.#context;
    if (listeners.has('warning')) return listeners.emit('warning', event);
    const { kind, message } = event.warning;
    this.#warnedAt ??= {};
    if (Date.now() - (this.#warnedAt[kind] ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
    this.#warnedAt[kind] = Date.now();
    logger.warn(`matrix-auth-machine: ${kind}: ${message} ${seeSection(kind)}`);
  }

  #fail(event: Extract<AuthEmitted, { readonly type: 'failed' }>): void {
    const { runtime, listeners, logger } = this.#context;
    const { reason } = event;
    const cause = runtime.causeOf(reason);
    const advice = runtime.adviceFor(reason) ?? event.advice;
    if (listeners.has('failed'))
      return listeners.emit('failed', { ...event, advice, ...(cause === undefined ? {} : { cause }) });
    const { message } = new AuthFailedError(reason, cause, advice);
    logger.error(`matrix-auth-machine: ${message} ${seeSection(reason)}`);
  }
}

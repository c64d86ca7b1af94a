import type { Listeners } from '../listeners.ts';
import { adviceFor, type Diagnosis, type SessionTroubleCode } from './codes.ts';
import type { FullLogger } from './logger.ts';

const HOUR_MS = 3_600_000;

export interface TroubleTellerOptions {
  readonly listeners: Listeners;
  readonly logger: FullLogger;
  /** How long trouble has to last before it is told, in ms. */
  readonly patienceMs: () => number;
  /** What else is known that may be the reason, as a sentence. */
  readonly note?: (code: SessionTroubleCode) => string | undefined;
}

/**
 * Tells trouble that lasts: once at first, then when it becomes something else, then once an hour, and that it is over.
 * It goes to whoever listens for `trouble`, else to the logger.
 */
export class TroubleTeller {
  readonly #options: TroubleTellerOptions;
  /** By code, and what it was about. */
  readonly #toldAt = new Map<string, number>();
  #since: number | undefined;
  #latest: Diagnosis | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: TroubleTellerOptions) {
    this.#options = options;
  }

  /** @param since when it began, in ms since the epoch */
  met(found: Diagnosis, since = Date.now()): void {
    if (this.#closed) return;
    this.#since ??= since;
    this.#latest = found;
    clearTimeout(this.#timer);
    const patience = this.#toldAt.size > 0 ? 0 : this.#options.patienceMs();
    const left = this.#since + patience - Date.now();
    if (left <= 0) return this.#tell();
    this.#timer = setTimeout(() => this.#tell(), left);
    this.#timer.unref();
  }

  passed(): void {
    clearTimeout(this.#timer);
    const told = this.#toldAt.size > 0;
    const code = this.#latest?.code;
    const lasted = Date.now() - (this.#since ?? Date.now());
    this.#since = undefined;
    this.#latest = undefined;
    this.#toldAt.clear();
    if (!told || code === undefined || this.#closed) return;
    const message = `over again: ${code}, after ${durationText(lasted)}.`;
    const { listeners, logger } = this.#options;
    if (listeners.has('trouble')) listeners.emit('trouble', { type: 'trouble', code, message, over: true });
    else logger.info(`matrix-auth-machine: ${message}`);
  }

  /** Something else is told in its place. @param forGood nothing is told from now on */
  close(forGood: boolean): void {
    this.#closed = true;
    this.passed();
    this.#closed = forGood;
  }

  #tell(): void {
    const { code, what, about = '' } = this.#latest as Diagnosis;
    const now = Date.now();
    const key = `${code} ${about}`;
    if (now - (this.#toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
    this.#toldAt.set(key, now);
    const { listeners, logger, note } = this.#options;
    const sentences = [`${what.replace(/\.$/, '')}.`, note?.(code), adviceFor(code)];
    const message = `${code}: ${sentences.filter((sentence) => sentence !== undefined).join(' ')}`;
    if (listeners.has('trouble')) listeners.emit('trouble', { type: 'trouble', code, message, over: false });
    else logger.warn(`matrix-auth-machine: ${message}`);
  }
}

function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

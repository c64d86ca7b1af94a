import type { Listeners } from '../listeners.ts';
import { adviceFor, type Diagnosis, type SessionTroubleCode } from './codes.ts';
import type { FullLogger } from './logger.ts';

const HOUR_MS = 3_600_000;

export interface TellerContext {
  readonly listeners: Listeners;
  readonly logger: FullLogger;
  /** What else is known that may be the reason, as a sentence. */
  readonly note: (code: SessionTroubleCode) => string | undefined;
}

interface Meeting {
  /** When it began, in ms since the epoch. Default now. */
  readonly since?: number;
  /** How long trouble has to last before it is told, in ms. Default not at all. */
  readonly patienceMs?: number;
}

/**
 * Tells trouble that lasts: once at first, then when it becomes something else, then once an hour, and that it is over.
 * It goes to whoever listens for `trouble`, else to the logger.
 */
export class TroubleTeller {
  readonly #context: TellerContext;
  /** By code, and what it was about. Most sessions have nothing to tell. */
  #toldAt: Map<string, number> | undefined;
  #since: number | undefined;
  #latest: Diagnosis | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(context: TellerContext) {
    this.#context = context;
  }

  met(found: Diagnosis, { since = Date.now(), patienceMs = 0 }: Meeting = {}): void {
    if (this.#closed) return;
    this.#since ??= since;
    this.#latest = found;
    clearTimeout(this.#timer);
    const left = this.#since + (this.#toldAt === undefined ? patienceMs : 0) - Date.now();
    if (left <= 0) return this.#tell();
    this.#timer = setTimeout(() => this.#tell(), left);
    this.#timer.unref();
  }

  passed(): void {
    clearTimeout(this.#timer);
    const told = this.#toldAt !== undefined;
    const code = this.#latest?.code;
    const lasted = Date.now() - (this.#since ?? Date.now());
    this.#since = undefined;
    this.#latest = undefined;
    this.#toldAt = undefined;
    if (!told || code === undefined || this.#closed) return;
    const message = `over again: ${code}, after ${durationText(lasted)}.`;
    const { listeners, logger } = this.#context;
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
    this.#toldAt ??= new Map();
    if (now - (this.#toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
    this.#toldAt.set(key, now);
    const { listeners, logger } = this.#context;
    const sentences = [`${what.replace(/\.$/, '')}.`, this.#context.note(code), adviceFor(code)];
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

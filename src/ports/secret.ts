import { inspectCustom } from './inspect-custom.ts';
import { sha256 } from './sha256.ts';

const REDACTED = '[redacted]';

/**
 * A token or password that cannot reach an output by accident: JSON, string conversion, `util.inspect`,
 * `structuredClone` and loggers see `[redacted]`. Only {@link Secret.reveal} gives the value.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the value leaves the process, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  /** Eight hexadecimal digits of the value's SHA-256: enough to tell two tokens apart, useless to sign in with. */
  fingerprint(): string {
    return fingerprintOf(this.#value);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspectCustom](): string {
    return REDACTED;
  }
}

/** The fingerprint of a token: the first eight hexadecimal digits of its SHA-256. */
export function fingerprintOf(token: string): string {
  return sha256(token).slice(0, 8);
}

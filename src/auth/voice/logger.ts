import { redact } from '../../ports/redact.ts';
import type { Logger } from '../options.ts';

/** What is good goes to the standard output, trouble to the error output. That a token was renewed is not said. */
const toConsole: Logger = {
  info: (message) => console.info(message),
  warn: (message) => console.warn(message),
  error: (message) => console.error(message),
};

/** The author's logger, all of it, and with no token in any line. `false` is one that says nothing. */
export class FullLogger implements Required<Logger> {
  readonly #logger: Logger | false;

  constructor(logger: Logger | false = toConsole) {
    this.#logger = logger;
  }

  /** Whether anybody hears what is said at this level: if not, it need not be put into words. */
  hears(level: keyof Logger): boolean {
    return this.#logger !== false && this.#logger[level] !== undefined;
  }

  debug(message: string): void {
    this.#say('debug', message);
  }

  info(message: string): void {
    this.#say('info', message);
  }

  warn(message: string): void {
    this.#say('warn', message);
  }

  error(message: string): void {
    this.#say('error', message);
  }

  #say(level: keyof Logger, message: string): void {
    if (this.#logger !== false) this.#logger[level]?.(redact(message));
  }
}

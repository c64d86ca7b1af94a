import { redact } from '../../ports/redact.ts';
import type { Logger } from '../options.ts';

export type FullLogger = Required<Logger>;

/** What is good goes to the standard output, trouble to the error output. That a token was renewed is not said. */
const toConsole: Logger = {
  info: (message) => console.info(message),
  warn: (message) => console.warn(message),
  error: (message) => console.error(message),
};

/** The author's logger, all of it, and with no token in any line. `false` is one that says nothing. */
export function fullLogger(logger: Logger | false = toConsole): FullLogger {
  const to = (level: keyof Logger) => (message: string) => {
    if (logger !== false) logger[level]?.(redact(message));
  };
  return { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
}

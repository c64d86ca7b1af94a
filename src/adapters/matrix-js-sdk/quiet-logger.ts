import { type Logger, logger } from 'matrix-js-sdk/lib/logger.js';

const ignore = () => {};

/**
 * The SDK's logger without its debug output: warnings and errors go where the SDK's own go. A sync that fails is
 * reported by the session, and not at each attempt.
 */
export function quietLogger(to: Logger = logger): Logger {
  return {
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: (...message) => to.warn(...message),
    error: (...message) => {
      if (!String(message[0]).startsWith('/sync error')) to.error(...message);
    },
    getChild: (namespace) => quietLogger(to.getChild(namespace)),
  };
}

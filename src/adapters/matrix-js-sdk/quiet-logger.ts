import { type Logger, logger } from 'matrix-js-sdk/lib/logger.js';

const ignore = () => {};

/** A sync that fails, which the session reports and not at each attempt; and push rules that a bot has no use for. */
const NOISE = /^(\/sync error|(Adding|Missing) default global \w+ push rule)/;

/** The SDK's logger without its debug output: warnings and errors go where the SDK's own go. */
export function quietLogger(to: Logger = logger): Logger {
  const passOn =
    (level: 'warn' | 'error') =>
    (...message: unknown[]) => {
      if (!NOISE.test(String(message[0]))) to[level](...message);
    };
  return {
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: passOn('warn'),
    error: passOn('error'),
    getChild: (namespace) => quietLogger(to.getChild(namespace)),
  };
}

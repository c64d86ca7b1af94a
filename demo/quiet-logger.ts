import type { ICreateClientOpts } from 'matrix-js-sdk';
import { logger } from 'matrix-js-sdk/lib/logger.js';

/** For the SDK: the demonstration says itself what happens. */
export const quietLogger: NonNullable<ICreateClientOpts['logger']> = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  getChild: () => quietLogger,
};

// Parts of the SDK write to its global logger, whatever logger a client was given.
Object.assign(logger, quietLogger, { log() {} });

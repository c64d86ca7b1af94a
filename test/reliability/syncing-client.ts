import type { ICreateClientOpts, MatrixClient } from 'matrix-js-sdk';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import type { ClientPort } from '../../src/index.ts';

const silent = () => {};

/** The SDK's own log is not what is tested. */
const quietLogger: NonNullable<ICreateClientOpts['logger']> = {
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  getChild: () => quietLogger,
};

/** A client of matrix-js-sdk for a bot in a process of its own. */
export function syncingClient(): ClientPort<MatrixClient> {
  return matrixJsSdk({ create: { logger: quietLogger } });
}

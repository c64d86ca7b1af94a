import type { TestHomeserver } from '../../../src/testing/index.ts';

/** A way to keep a bot signed in, set up as its makers document it. */
export interface Peer {
  readonly name: string;
  /** A request that is repeated with a new token after its 401, if this peer can do that. */
  call(): Promise<unknown>;
  stop?(): Promise<void>;
}

export interface PeerOptions {
  /** Where requests go, each answered with the latency that is measured at. */
  readonly url: string;
  readonly homeserver: TestHomeserver;
  readonly fetch: typeof globalThis.fetch;
}

const silent = () => {};

/** For an SDK whose log is not what is measured. */
export const quietLogger = {
  ...{ trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  getChild: () => quietLogger,
};

import { onTestFinished } from 'vitest';
import type { Server } from 'node:net';
import type { MatrixAuthOptions } from '../../../../src/index.ts';
import type {
  FaultProxy,
  RequestMatch,
  TestHomeserver,
  TestHomeserverOptions,
} from '../../../../src/testing/index.ts';
import { listenOnLoopback } from '../../../../src/testing/listen.ts';

export interface Place {
  readonly homeserver: TestHomeserver;
  readonly proxy: FaultProxy;
  readonly password: string;
}

/** A set-up that is wrong, and what a bot without listeners has to say of it. */
export interface SetUp {
  readonly name: string;
  /** The homeserver, where it is to differ from a plain one. */
  readonly homeserver?: TestHomeserverOptions;
  /** The options that differ from a good set-up. */
  readonly options: (place: Place) => Promise<Partial<MatrixAuthOptions<unknown>>>;
  /** All of them are in one line. */
  readonly says: readonly RegExp[];
}

export const everything: RequestMatch = () => true;
export const html = '<!doctype html><title>Element</title><body>';
export const page = { 'content-type': 'text/html' };

/** The proxy answers these requests itself, for ever. */
export function answering(
  match: RequestMatch,
  status: number,
  body: string | object,
  headers = {},
): SetUp['options'] {
  return async ({ proxy }) => {
    proxy.inject({
      match,
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'answer', status, body, headers },
    });
    return {};
  };
}

/** Listens on this computer until the test is over. */
export async function listening(server: Server): Promise<number> {
  const port = await listenOnLoopback(server as never, 0);
  onTestFinished(() => void server.close());
  return port;
}

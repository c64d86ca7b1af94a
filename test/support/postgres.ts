import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, it } from 'vitest';
import type { HostMessage } from './postgres-host.ts';

export interface RunningPostgres {
  /** Of a superuser, over TCP on 127.0.0.1. */
  readonly connectionString: string;
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>;
}

/** The connection string of a PostgreSQL that runs already, in the environment of the tests that are to use it. */
export const SHARED_POSTGRES = 'TEST_POSTGRES';

const HOST = fileURLToPath(new URL('./postgres-host.ts', import.meta.url));

/**
 * Starts a real PostgreSQL of its own, on empty data. It ends with this process, even by SIGKILL.
 * Rejects with the reason where it cannot run.
 */
export async function startPostgres(): Promise<RunningPostgres> {
  const host = fork(HOST, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(host, 'exit');
  const message = await new Promise<HostMessage>((resolve) => {
    host.once('message', (message: HostMessage) => resolve(message));
    host.once('exit', (code, signal) => {
      resolve({ unavailable: `the process that starts it ended (${code ?? signal})` });
    });
  });
  if ('unavailable' in message) {
    await ended;
    throw new Error(`PostgreSQL cannot run here: ${message.unavailable}`);
  }
  return {
    connectionString: message.connectionString,
    stop: async () => {
      if (host.connected) host.disconnect();
      await ended;
    },
  };
}

/**
 * A suite on a PostgreSQL of its own. Where PostgreSQL cannot run, the suite is skipped, with the reason in its name;
 * with `CI=true` it fails instead. Where {@link SHARED_POSTGRES} names one that runs, the suite is on that.
 */
export async function describeOnPostgres(
  name: string,
  suite: (postgres: RunningPostgres) => void,
): Promise<void> {
  const shared = process.env[SHARED_POSTGRES];
  const starting =
    shared === undefined
      ? startPostgres()
      : Promise.resolve({ connectionString: shared, stop: async () => {} });
  const postgres = await starting.catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  if (typeof postgres !== 'string') {
    describe(name, () => {
      afterAll(() => postgres.stop());
      suite(postgres);
    });
  } else if (process.env['CI'] === 'true') {
    it(name, () => {
      throw new Error(postgres);
    });
  } else {
    describe.skipIf(true)(`${name}: skipped, ${postgres}`, () => {
      suite({ connectionString: '', stop: async () => {} });
    });
  }
}

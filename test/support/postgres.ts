import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HostMessage } from './postgres-host.ts';
import { askOffice, type Given } from './office.ts';
import { describeWhereThereIs } from './where-there-is.ts';

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
 * The database of a test file: one of its own, on the PostgreSQL of this run. Where {@link SHARED_POSTGRES} names one, it
 * is that.
 */
export async function databaseForTests(): Promise<Given<string>> {
  const given = process.env[SHARED_POSTGRES];
  return given === undefined ? await askOffice('database') : { given };
}

/**
 * A suite on a PostgreSQL database of its own. Where PostgreSQL cannot run, the suite is skipped, with the reason in its
 * name; with `CI=true` it fails instead.
 */
export async function describeOnPostgres(
  name: string,
  suite: (database: { readonly connectionString: string }) => void,
): Promise<void> {
  const database = await databaseForTests();
  const missing = 'unavailable' in database ? database.unavailable : undefined;
  const connectionString = 'unavailable' in database ? '' : database.given;
  describeWhereThereIs('PostgreSQL', missing, name, {}, () => suite({ connectionString }));
}

import { SessionStoreError } from '../../../ports/index.ts';
import { Turns } from '../shared/turns.ts';
import { whenFree } from './busy.ts';
import type { Database } from './database.ts';
import { explained, isBusy } from './errors.ts';
import type { DatabaseHandle } from './handle.ts';

/** Several stores of one process on one file take turns, instead of polling for each other's locks. */
const turns = new Turns();

/**
 * Runs `work` while holding the lock of the file, over all processes. `work` commits by {@link commit}; what it does
 * not commit is undone.
 * @throws {SessionStoreError} not within `waitAtMostMs`
 */
export function exclusively<T>(
  handle: DatabaseHandle,
  waitAtMostMs: number,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return handle.use(async ({ file }) => {
    const deadline = performance.now() + waitAtMostMs;
    const end = await turns.take(file, waitAtMostMs);
    if (end === undefined) throw heldTooLong(file, waitAtMostMs);
    try {
      const database = await handle.inPlace();
      const { writer } = database;
      try {
        await whenFree(() => writer.exec('BEGIN IMMEDIATE'), deadline - performance.now());
      } catch (error) {
        throw isBusy(error) ? heldTooLong(file, waitAtMostMs) : explained(error, file);
      }
      try {
        return await work(database);
      } finally {
        if (writer.isTransaction) writer.exec('ROLLBACK');
      }
    } finally {
      end();
    }
  });
}

/** @throws {SessionStoreError} nothing is written */
export function commit({ file, writer, inPlace }: Database): void {
  if (!inPlace()) {
    throw new SessionStoreError(
      `${file} was replaced or removed while a session was being changed. What is there now is left as it is: try again.`,
      { permanent: false },
    );
  }
  writer.exec('COMMIT');
}

function heldTooLong(file: string, ms: number): SessionStoreError {
  return new SessionStoreError(
    `Another process has held ${file} for more than ${ms} ms. Nothing was changed: try again. If it stays so, a process that uses the file hangs or is suspended: end it.`,
    { permanent: false },
  );
}

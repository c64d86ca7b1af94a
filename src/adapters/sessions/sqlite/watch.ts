import type { DatabaseSync } from 'node:sqlite';
import { type Database, valueOf } from './database.ts';

/**
 * Calls `listener` whenever the row that `versionOf` reads has changed since the last look, and once at the start, since it
 * may have changed before that. Does not keep the process alive.
 */
export function watchChanges(
  open: () => Promise<Database>,
  versionOf: (reader: DatabaseSync) => number | undefined,
  listener: () => void,
  everyMs: number,
): () => void {
  let seenReader: DatabaseSync | undefined;
  let seenData: unknown;
  let seenVersion: number | undefined;

  async function look(): Promise<void> {
    try {
      const { reader } = await open();
      const data = valueOf(reader, 'PRAGMA data_version');
      const isNew = reader !== seenReader;
      if (!isNew && data === seenData) return;
      // Most changes are of other records.
      const version = versionOf(reader);
      const changed = isNew || version !== seenVersion;
      seenReader = reader;
      seenData = data;
      seenVersion = version;
      if (changed && !stopped) listener();
    } catch {
      // A hint may come late: whoever reads or writes is told what is wrong.
    }
  }

  let stopped = false;
  const timer = setInterval(() => void look(), everyMs).unref();
  void look();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

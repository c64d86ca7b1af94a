import type { DatabaseSync } from 'node:sqlite';
import { type Database, valueOf } from './database.ts';

/**
 * Calls `listener` whenever the file has changed since the last look, and once at the start, since it may have changed
 * before that. Does not keep the process alive.
 */
export function watchChanges(
  open: () => Promise<Database>,
  listener: () => void,
  everyMs: number,
): () => void {
  let seenReader: DatabaseSync | undefined;
  let seenVersion: unknown;

  async function look(): Promise<void> {
    try {
      const { reader } = await open();
      const version = valueOf(reader, 'PRAGMA data_version');
      const changed = reader !== seenReader || version !== seenVersion;
      seenReader = reader;
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

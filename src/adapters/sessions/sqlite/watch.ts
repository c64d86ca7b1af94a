import type { Database } from './database.ts';

/**
 * Calls `listener` whenever the file has changed since the last look, and once at the start, since it may have changed
 * before that. Does not keep the process alive.
 */
export function watchChanges(
  open: () => Promise<Database>,
  listener: () => void,
  everyMs: number,
): () => void {
  let looking = false;
  let seen: readonly unknown[] = [];

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const { reader } = await open();
      const version = reader.prepare('PRAGMA data_version').get()?.['data_version'];
      const now = [reader, version];
      const changed = now.some((value, index) => value !== seen[index]);
      seen = now;
      if (changed && !stopped) listener();
    } catch {
      // A hint may come late: whoever reads or writes is told what is wrong.
    } finally {
      looking = false;
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

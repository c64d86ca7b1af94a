import { rmSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SessionStore } from '../../ports/index.ts';

/** Whether no session is in it: at most that a sign-in was tried. */
export async function isUnused(store: SessionStore): Promise<boolean> {
  for (const name of await store.list()) {
    if ((await store.read(name, 'session'))?.session !== undefined) return false;
  }
  return true;
}

/** Removes the file of a store, with what lies beside it, unless another process has it open: a bot that waits for its session. */
export async function removeUnusedFile(place: string): Promise<void> {
  if (!(await isAlone(place))) return;
  const folder = dirname(place);
  const beside = `${basename(place)}-`;
  for (const name of readdirSync(folder)) {
    if (name === basename(place) || name.startsWith(`${beside}claim-`)) rmSync(join(folder, name));
  }
}

/** SQLite changes the journal of a file only for somebody who has it alone, and leaves no log behind then. */
async function isAlone(place: string): Promise<boolean> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(place);
  try {
    return database.prepare('PRAGMA journal_mode = DELETE').get()?.['journal_mode'] === 'delete';
  } catch {
    return false;
  } finally {
    database.close();
  }
}

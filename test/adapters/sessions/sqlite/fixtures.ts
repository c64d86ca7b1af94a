import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  sqliteSessions,
  type SqliteSessionsOptions,
} from '../../../../src/adapters/sessions/sqlite/index.ts';
import type { SessionStore } from '../../../../src/ports/index.ts';
import type { OwnPlace } from '../place.ts';
import { fullRecord, write } from '../records.ts';

export async function ownFile(): Promise<OwnPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-sessions-'));
  return {
    place: { kind: 'sqlite', path: join(folder, 'bot.db') },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A store that is closed when the test ends. */
export function openStore(path: string | URL, options?: SqliteSessionsOptions): SessionStore {
  const store = sqliteSessions(path, options);
  onTestFinished(() => store.close());
  return store;
}

/** A store that was closed, with a session in its file. */
export async function storedFile(folder: string): Promise<string> {
  const path = join(folder, 'bot.db');
  const store = sqliteSessions(path);
  await write(store, 'bot', fullRecord(1));
  await store.close();
  return path;
}

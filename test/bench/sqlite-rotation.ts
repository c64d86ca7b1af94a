import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { memorySessions, type SessionStore } from '../../src/index.ts';
import { median, type Row } from './measure.ts';
import { keeperOf, rotate } from './rotate.ts';
import { storedSessions } from './stored-sessions.ts';

const ROTATIONS = 300;

/** What SQLite adds to the exchange of a refresh token: claim, read, write to the disk, give the claim back. */
export async function sqliteRotation(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-bench-'));
  const sqlite = sqliteSessions(join(folder, 'bench.db'));
  try {
    const inMemory = await rotations(memorySessions());
    const onDisk = await rotations(sqlite);
    const added = median(onDisk) - median(inMemory);
    return {
      what: 'What SQLite adds to the exchange of a refresh token, on this disk',
      result: `${added.toFixed(1)} ms`,
      reach: '≤ 5 ms median',
      reached: added <= 5,
      runs: String(ROTATIONS),
      figures: { added },
    };
  } finally {
    await sqlite.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function rotations(store: SessionStore): Promise<number[]> {
  await storedSessions(1, 3_600_000, store);
  const keeper = await keeperOf(store, 'bot0');
  const times: number[] = [];
  for (let count = 0; count <= ROTATIONS; count += 1) {
    const startedAt = performance.now();
    await rotate(keeper);
    // The first one opens the file.
    if (count > 0) times.push(performance.now() - startedAt);
  }
  await keeper.close();
  return times;
}

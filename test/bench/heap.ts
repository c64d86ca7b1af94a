import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestHomeserver } from '../../src/testing/index.ts';
import { median, type Row } from './measure.ts';

const RUNS = 5;

const execute = promisify(execFile);

/** What a session costs that is signed in and waits for its next refresh. */
export async function heap(): Promise<Row> {
  const bytes: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const homeserver = await startTestHomeserver({
      accessTokenLifetimeMs: 3_600_000,
      users: [{ localpart: 'bot', password: 'password' }],
    });
    const script = fileURLToPath(new URL('idle-sessions.ts', import.meta.url));
    const { stdout } = await execute(process.execPath, ['--expose-gc', script, homeserver.url]);
    bytes.push(Number(stdout));
    await homeserver.stop();
  }
  return {
    what: 'Heap of an idle session without a client, over 1,000 of them',
    result: `${(median(bytes) / 1_024).toFixed(1)} KiB`,
    runs: String(RUNS),
  };
}

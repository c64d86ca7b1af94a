// A process of its own: exchanges the refresh tokens of some sessions in a PostgreSQL database, as fast as it can. Prints
// how many it has exchanged per second.
import { Pool } from 'pg';
import { postgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import { keeperOf, rotate } from './rotate.ts';

const AT_ONCE = 10;

const [, , connectionString, from = '0', count = '1', seconds = '1'] = process.argv;
const pool = new Pool({ connectionString, max: AT_ONCE + 1 });
const store = postgresSessions(pool);
// As in a bot: somebody listens for what others have renewed.
const unwatch = store.watch?.('bot0', () => undefined);
const keepers = await Promise.all(
  Array.from({ length: Number(count) }, (_, index) => keeperOf(store, `bot${Number(from) + index}`)),
);
const until = performance.now() + 1_000 * Number(seconds);
let next = 0;
let done = 0;

async function work(): Promise<void> {
  while (performance.now() < until) {
    const keeper = keepers[next % keepers.length];
    next += 1;
    if (keeper !== undefined) await rotate(keeper);
    done += 1;
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
process.stdout.write(JSON.stringify(done / Number(seconds)));
await Promise.all(keepers.map((keeper) => keeper.close()));
unwatch?.();
await store.close();
await pool.end();

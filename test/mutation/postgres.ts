// The tests that mutants of the PostgreSQL store have to face, in one file, as in sqlite.ts.
import '../adapters/sessions/postgres/errors.test.ts';
import '../adapters/sessions/postgres/reconnect-delays.test.ts';
import '../adapters/sessions/postgres/unreachable.test.ts';
import { describePostgresStore } from '../adapters/sessions/postgres/store.ts';
import { describeOnPostgres } from '../support/postgres.ts';

await describeOnPostgres('PostgreSQL', ({ connectionString }) => describePostgresStore(connectionString));

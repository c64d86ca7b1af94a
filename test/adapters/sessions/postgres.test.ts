import { describeOnPostgres } from '../../support/postgres.ts';
import { describeAcrossProcesses } from './contract-processes.ts';
import { postgresFixtures } from './postgres-fixtures.ts';
import { describePostgresStore } from './postgres-store.ts';

await describeOnPostgres('PostgreSQL', ({ connectionString }) => {
  const { ownPlace } = postgresFixtures(connectionString);
  describePostgresStore(connectionString);
  describeAcrossProcesses('PostgreSQL', async () => ({ place: ownPlace(), remove: async () => {} }));
});

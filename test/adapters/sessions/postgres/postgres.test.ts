import { describeOnPostgres } from '../../../support/postgres.ts';
import { describeAcrossProcesses } from '../contract-processes.ts';
import { postgresFixtures } from './fixtures.ts';
import { describePostgresStore } from './store.ts';

await describeOnPostgres('PostgreSQL', ({ connectionString }) => {
  const { ownPlace } = postgresFixtures(connectionString);
  describePostgresStore(connectionString);
  describeAcrossProcesses('PostgreSQL', async () => ({ place: ownPlace(), remove: async () => {} }));
});

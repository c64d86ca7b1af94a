import { Client } from 'pg';

/** A function that ends one connection of somebody else to this database, taken at random by the server. */
export function connectionCutter(connectionString: string): () => Promise<void> {
  return async () => {
    const client = new Client({ connectionString });
    await client.connect();
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND datname = current_database()
       ORDER BY random() LIMIT 1`,
    );
    await client.end();
  };
}

// A process that runs its part of the sessions that it shares with others, and tells its parent which of them sync.
import { once } from 'node:events';
import { Pool } from 'pg';
import { postgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import {
  type ClientPort,
  createFleet,
  createMatrixAuth,
  credentials,
  shareSessions,
} from '../../src/index.ts';
import type { MemberMessage, MemberSettings } from './shared-fleet.ts';

const [{ connectionString, homeserver, names, leaseMs }] = (await once(process, 'message')) as [
  MemberSettings,
];
const tell = (message: MemberMessage) => {
  // At the end nobody hears it any more.
  if (process.connected) process.send?.(message);
};

/** Says that it syncs instead of doing so: what is asked here is who does. */
function client(name: string): ClientPort<undefined> {
  let syncs = false;
  const end = async () => {
    if (syncs) tell({ name, syncs: false });
    syncs = false;
  };
  return {
    client: undefined,
    connect: async () => {
      if (!syncs) tell({ name, syncs: true });
      syncs = true;
    },
    suspend: end,
    stop: end,
  };
}

const pool = new Pool({ connectionString, max: 6 });
const sessions = postgresSessions(pool);
const fleet = createFleet();
const shared = shareSessions({
  ...{ sessions, names, leaseMs },
  create: (name) =>
    createMatrixAuth({
      ...{ fleet, homeserver, sessions, sessionName: name, logger: false },
      credentials: credentials({ username: 'bot', password: 'password', deviceId: name.toUpperCase() }),
      client: client(name),
    }),
});
process.once('disconnect', () => {
  void shared
    .stop()
    .then(() => sessions.close())
    .then(() => pool.end())
    .finally(() => process.exit());
});

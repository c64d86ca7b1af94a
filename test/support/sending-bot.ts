// A bot that sends each line of its input to a room, and notes what has become of it in a file, until it is killed or its input ends.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth } from '../../src/index.ts';

const [, , store = '', ledger = '', roomId = ''] = process.argv;

const auth = createMatrixAuth({ sessions: sqliteSessions(store), logger: false });
auth.on('outgoing', ({ id, outcome }) => appendFileSync(ledger, `${JSON.stringify({ id, outcome })}\n`));
await auth.start();
createInterface({ input: process.stdin })
  .on('line', (body) => void auth.send(roomId, { msgtype: 'm.text', body }, { id: body }))
  .on('close', () => void auth.stop().finally(() => process.exit()));

import { createMatrixAuth } from 'matrix-auth-machine';
import { oauth } from 'matrix-auth-machine/oauth';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';

export const auth = createMatrixAuth({
  credentials: oauth({ clientName: 'My bot', clientUri: 'https://bot.example.org/' }),
  sessions: sqliteSessions(process.env['BOT_DB'] ?? 'bot.db'),
});
// Without this it is logged.
auth.on('authorization', ({ link, code }) => console.warn(`Open ${link}, compare ${code}, and approve.`));
await auth.start();

import { botName, type Project } from '../project.ts';

/** The bot: it joins where it is invited, and answers every text message. */
export function botFile({ sdk, language }: Project): string {
  const typed = (type: string) => (language === 'typescript' ? type : '');
  const isTyped = language === 'typescript';
  return sdk === 'matrix-js-sdk' ? jsSdk(typed, isTyped) : botSdk(typed, isTyped);
}

type Typed = (type: string) => string;

const session = `  homeserver: process.env.HOMESERVER_URL,
  sessions: sqliteSessions(process.env.BOT_STORE ?? 'bot.db'), // signed in once, by: npm run login
`;

const end = `setInterval(() => {}, 60_000); // if the session fails, the bot stays up and waits for: npm run login
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void auth.stop().finally(() => process.exit()));
}
auth.start().catch(() => {}); // the log says what went wrong, and what to do
`;

function jsSdk(typed: Typed, isTyped: boolean): string {
  return `import { createMatrixAuth } from 'matrix-auth-machine';
import { matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';
import { ${isTyped ? 'type MatrixClient, ' : ''}RoomEvent } from 'matrix-js-sdk';

const auth = createMatrixAuth({
${session}  client: matrixJsSdk({ onClient: listen }),
});

function listen(client${typed(': MatrixClient')})${typed(': void')} {
  client.on(RoomEvent.MyMembership, (room, membership) => {
    if (membership === 'invite') client.joinRoom(room.roomId).catch(console.error);
  });
  client.on(RoomEvent.Timeline, (event, room) => {
    const { msgtype, body } = event.getContent();
    if (room === undefined || msgtype !== 'm.text' || event.getSender() === client.getUserId()) return;
    client.sendNotice(room.roomId, \`You said: \${body}\`).catch(console.error);
  });
}

${end}`;
}

function botSdk(typed: Typed, isTyped: boolean): string {
  return `import { createMatrixAuth } from 'matrix-auth-machine';
import { matrixBotSdk } from 'matrix-auth-machine/matrix-bot-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';
import { AutojoinRoomsMixin, LogLevel, LogService, MatrixClient, MatrixError } from 'matrix-bot-sdk';

LogService.setLevel(LogLevel.WARN); // the SDK prints each step of its start otherwise

const auth = createMatrixAuth({
${session}  client: matrixBotSdk({
    create: ({ homeserverUrl, accessToken, storage }) =>
      new MatrixClient(homeserverUrl, accessToken, storage),
    onClient: listen,
    MatrixError,
  }),
});

${isTyped ? 'interface Message {\n  sender: string;\n  content?: { msgtype?: string; body?: string };\n}\n\n' : ''}function listen(client${typed(': MatrixClient')})${typed(': void')} {
  AutojoinRoomsMixin.setupOnClient(client);
  client.on('room.message', async (roomId${typed(': string')}, event${typed(': Message')}) => {
    if (event.content?.msgtype !== 'm.text' || event.sender === (await client.getUserId())) return;
    await client.sendNotice(roomId, \`You said: \${event.content.body}\`);
  });
}

${end}`;
}

/** The test: it walks the bot through everything that can happen to its token. */
export function botTestFile(project: Project): string {
  return `import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { describeAuthPaths, spawnBot } from 'matrix-auth-machine/testing';

// Each time with an empty store of its own: yours is left alone.
const newBot = () => {
  const BOT_STORE = join(mkdtempSync(join(tmpdir(), 'bot-')), 'bot.db');
  return spawnBot(process.execPath, ['${botName(project)}'], { env: { BOT_STORE } });
};

// Tokens expire, sessions are revoked, the homeserver goes away: on a homeserver that comes with the package.
describeAuthPaths({
  vitest: { describe, it },
  ...newBot(),
  start: (account) => newBot().start(account),
});
`;
}

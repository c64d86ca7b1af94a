import { botName, type Project } from '../project.ts';

/** The bot: it joins where it is invited, and answers every text message once, whatever happens on the way. */
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

/** Not by the client, which loses what it cannot send at once. */
const send = (roomId: string, eventId: string) =>
  `  // It is queued and sent once: over outages, new tokens and restarts. The log tells what could not be sent.
  await auth.send(${roomId}, content, { id: \`answer to \${${eventId}}\` });`;

function jsSdk(typed: Typed, isTyped: boolean): string {
  return `import { createMatrixAuth } from 'matrix-auth-machine';
import { ${isTyped ? 'type ClientEvent, ' : ''}matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';
import { ${isTyped ? 'type MatrixClient, ' : ''}RoomEvent } from 'matrix-js-sdk';

const auth = createMatrixAuth({
${session}  client: matrixJsSdk({ onClient: acceptInvitations, onMessage: answer }),
});

function acceptInvitations(client${typed(': MatrixClient')})${typed(': void')} {
  client.on(RoomEvent.MyMembership, (room, membership) => {
    if (membership === 'invite') client.joinRoom(room.roomId).catch(console.error);
  });
}

async function answer({ room, event }${typed(': ClientEvent')})${typed(': Promise<void>')} {
  const { msgtype, body } = event.getContent();
  if (msgtype !== 'm.text') return;
  const content = { msgtype: 'm.notice', body: \`You said: \${body}\` };
${send('room.roomId', 'event.getId()')}
}

${end}`;
}

function botSdk(typed: Typed, isTyped: boolean): string {
  return `import { createMatrixAuth } from 'matrix-auth-machine';
import { ${isTyped ? 'type BotEvent, ' : ''}matrixBotSdk } from 'matrix-auth-machine/matrix-bot-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';
import { AutojoinRoomsMixin, LogLevel, LogService, MatrixClient, MatrixError } from 'matrix-bot-sdk';

LogService.setLevel(LogLevel.WARN); // the SDK prints each step of its start otherwise

const auth = createMatrixAuth({
${session}  client: matrixBotSdk({
    create: ({ homeserverUrl, accessToken, storage }) =>
      new MatrixClient(homeserverUrl, accessToken, storage),
    onClient: (client) => AutojoinRoomsMixin.setupOnClient(client),
    onMessage: answer,
    MatrixError,
  }),
});

async function answer({ roomId, event }${typed(': BotEvent<MatrixClient>')})${typed(': Promise<void>')} {
  const { msgtype, body } = event.content;
  if (msgtype !== 'm.text') return;
  const content = { msgtype: 'm.notice', body: \`You said: \${body}\` };
${send('roomId', 'event.event_id')}
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

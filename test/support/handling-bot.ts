// A bot that notes each message that it handles in a file and answers it, until it is killed, or told to stop by the end of its input.
import { appendFileSync } from 'node:fs';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth } from '../../src/index.ts';

const [, , sdk, store = '', ledger = ''] = process.argv;

async function handle(roomId: string, eventId: string, text: string, repeated: boolean): Promise<void> {
  appendFileSync(ledger, `${JSON.stringify({ text, repeated })}\n`);
  await auth.send(roomId, { msgtype: 'm.text', body: `re: ${text}` }, { id: `answer to ${eventId}` });
}

/** Loads one SDK only. */
async function clientOf() {
  if (sdk === 'matrix-js-sdk') {
    const { matrixJsSdk } = await import('../../src/adapters/matrix-js-sdk/index.ts');
    return matrixJsSdk({
      onMessage: ({ room, event, repeated }) =>
        handle(room.roomId, event.getId() ?? '', event.getContent()['body'], repeated),
    });
  }
  const { MatrixClient } = await import('matrix-bot-sdk');
  const { matrixBotSdk } = await import('../../src/adapters/matrix-bot-sdk/index.ts');
  return matrixBotSdk({
    create: ({ homeserverUrl, accessToken, storage }) =>
      new MatrixClient(homeserverUrl, accessToken, storage),
    onMessage: ({ roomId, event, repeated }) =>
      handle(roomId, event.event_id, String(event.content['body']), repeated),
  });
}

const auth = createMatrixAuth<unknown>({ sessions: sqliteSessions(store), client: await clientOf() });
await auth.start();
process.stdin.on('end', () => void auth.stop().finally(() => process.exit())).resume();

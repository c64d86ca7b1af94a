// A bot that notes each message that it handles in a file, until it is killed, or told to stop by the end of its input.
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth } from '../../src/index.ts';

const [, , sdk, store = '', ledger = ''] = process.argv;

async function handle(text: unknown, repeated: boolean): Promise<void> {
  appendFileSync(ledger, `${JSON.stringify({ text, repeated })}\n`);
  await setTimeout(5);
}

/** Loads one SDK only. */
async function clientOf() {
  if (sdk === 'matrix-js-sdk') {
    const { matrixJsSdk } = await import('../../src/adapters/matrix-js-sdk/index.ts');
    return matrixJsSdk({ onMessage: ({ event, repeated }) => handle(event.getContent()['body'], repeated) });
  }
  const { MatrixClient } = await import('matrix-bot-sdk');
  const { matrixBotSdk } = await import('../../src/adapters/matrix-bot-sdk/index.ts');
  return matrixBotSdk({
    create: ({ homeserverUrl, accessToken, storage }) =>
      new MatrixClient(homeserverUrl, accessToken, storage),
    onMessage: ({ event, repeated }) => handle(event.content['body'], repeated),
  });
}

const auth = createMatrixAuth<unknown>({ sessions: sqliteSessions(store), client: await clientOf() });
await auth.start();
process.stdin.on('end', () => void auth.stop().finally(() => process.exit())).resume();

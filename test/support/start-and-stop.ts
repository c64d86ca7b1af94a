// A process that signs in, works a little, stops, and is to end by itself. SIGTERM stops it before.
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth } from '../../src/index.ts';

const auth = createMatrixAuth({ client: matrixJsSdk() });
process.once('SIGTERM', () => {
  void auth.stop().then(() => {
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout');
    process.stdout.write(`\nstopped early, with ${timers.length} timers\n`);
  });
});
const client = await auth.start().catch(() => undefined);
if (client !== undefined) {
  await auth.run((client) => client.createRoom({}));
  await auth.stop();
  process.stdout.write(`\nstopped ${client.getUserId()}\n`);
}

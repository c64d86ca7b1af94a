// A process that signs in, works a little, stops, and is to end by itself.
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth } from '../../src/index.ts';

const auth = createMatrixAuth({ client: matrixJsSdk() });
const client = await auth.start();
await auth.run((client) => client.createRoom({}));
await auth.stop();
process.stdout.write(`\nstopped ${client.getUserId()}\n`);

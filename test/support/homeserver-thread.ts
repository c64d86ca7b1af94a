// A test homeserver in a thread of its own, whose memory is not the test's.
import { parentPort, workerData } from 'node:worker_threads';
import { startTestHomeserver, type TestHomeserverOptions } from '../../src/testing/index.ts';

const homeserver = await startTestHomeserver(workerData as TestHomeserverOptions);
parentPort?.postMessage(homeserver.url, []);

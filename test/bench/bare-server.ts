// A process of its own: the least that can answer a request, so that what is measured is the client.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const whoami = JSON.stringify({ user_id: '@bot:localhost', device_id: 'BENCH' });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whoami) };

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, headers).end(whoami);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`http://127.0.0.1:${port}`);
});

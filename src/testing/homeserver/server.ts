import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { fingerprintOf } from '../../ports/secret.ts';
import { asObject, asString } from '../json.ts';
import { listenOnLoopback } from '../listen.ts';
import { urlOf } from '../request-url.ts';
import { routes } from './endpoints/routes.ts';
import { accessTokenOf } from './incoming.ts';
import { MatrixError, matrixError } from './matrix-error.ts';
import type { OpenRequest } from './requests.ts';
import { Reply } from './reply.ts';
import { dispatch } from './router.ts';
import type { World } from './world.ts';

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, Authorization, Date',
  'access-control-expose-headers': 'Synapse-Trace-Id, Server',
};

/** Serves the world on 127.0.0.1 and sets its `url`. */
export async function listen(world: World, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    serve(world, request, response).catch((error: unknown) => {
      // A bug in the test homeserver: Synapse's answer to a bug in Synapse.
      if (response.headersSent) response.destroy();
      else write(response, 500, { errcode: 'M_UNKNOWN', error: 'Internal server error' });
      if (!request.destroyed) process.emitWarning(error instanceof Error ? error : String(error));
    });
  });
  // Synapse keeps idle connections; a reset of a re-used one would look like a fault nobody injected.
  server.keepAliveTimeout = 0;
  world.url = `http://127.0.0.1:${await listenOnLoopback(server, port)}`;
  return server;
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = urlOf(request);
  const method = request.method ?? 'GET';
  if (method === 'OPTIONS') {
    response.writeHead(204, CORS).end();
    return;
  }
  const record: OpenRequest = { at: world.now(), method, path: url.pathname };
  world.requests.push(record);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const incoming = {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: await text(request),
    signal: gone.signal,
    record,
  };
  noteToken(incoming, record);
  const answer = await answerOf(world, incoming);
  if (gone.signal.aborted && !response.writableEnded) return;
  record.status = answer.status;
  const errcode = answer.status === 200 ? undefined : asString(asObject(answer.body)['errcode']);
  if (errcode !== undefined) record.errcode = errcode;
  write(response, answer.status, answer.body, answer.headers);
}

async function answerOf(
  world: World,
  incoming: Parameters<typeof dispatch>[1],
): Promise<{ status: number; body: unknown; headers?: Record<string, string> }> {
  try {
    const answer = await dispatch(routes, incoming, world);
    return answer instanceof Reply ? answer : { status: 200, body: answer };
  } catch (error) {
    if (error instanceof MatrixError) return error;
    if (error instanceof URIError) return matrixError(400, 'M_UNKNOWN', 'Invalid path');
    throw error;
  }
}

function noteToken(incoming: Parameters<typeof accessTokenOf>[0], record: OpenRequest): void {
  try {
    record.tokenFingerprint = fingerprintOf(accessTokenOf(incoming));
  } catch {
    // It carried none.
  }
}

function write(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const json = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json',
    'cache-control': 'no-cache, no-store, must-revalidate',
    'content-length': Buffer.byteLength(json),
    ...CORS,
    ...headers,
  });
  response.end(json);
}

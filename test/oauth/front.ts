import { once } from 'node:events';
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Front {
  /** Base URL without a trailing slash, on 127.0.0.1. */
  readonly url: string;
  /** Says what is behind it. Before that, everything is 503. */
  use(parts: FrontParts): void;
  stop(): Promise<void>;
}

export interface FrontParts {
  readonly homeserverUrl: string;
  /** Answers what is not the homeserver's. */
  readonly others: Handler;
}

/**
 * One address for a homeserver and its OAuth 2.0 server, so that a fault proxy before it meets the requests of both. Whoever
 * comes through a proxy finds its address in the metadata, but for the issuer, which is a name.
 */
export async function startFront(): Promise<Front> {
  let parts: FrontParts | undefined;
  const server = createServer((request, response) => {
    const { url = '/' } = request;
    if (parts === undefined) response.writeHead(503).end();
    else if (url.startsWith('/_matrix/')) pass(request, response, parts.homeserverUrl, own);
    else {
      request.headers['x-forwarded-host'] ??= request.headers.host;
      parts.others(request, response).catch(() => response.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: own,
    use: (given) => {
      parts = given;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function pass(incoming: IncomingMessage, response: ServerResponse, target: string, own: string): void {
  const { method, url = '/', headers } = incoming;
  const outgoing = ask(`${target}${url}`, { method, headers, agent: false }, (answer) => {
    const { statusCode = 502, headers: answered } = answer;
    const host = headers['x-forwarded-host'] ?? headers.host;
    if (url.endsWith('/auth_metadata') && typeof host === 'string') {
      void buffer(answer).then((body) => {
        const { 'content-length': _, 'transfer-encoding': __, ...others } = answered;
        response.writeHead(statusCode, others);
        response.end(readdressed(body, own, `http://${host}`));
      });
      return;
    }
    response.writeHead(statusCode, answered);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function readdressed(body: Buffer, from: string, to: string): string {
  return JSON.stringify(JSON.parse(String(body)), (name, value: unknown) =>
    name !== 'issuer' && typeof value === 'string' ? value.replace(from, to) : value,
  );
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Loopback {
  /** Where the browser is to be sent back to. */
  readonly redirectUri: string;
  /**
   * What the browser brings back, once `accept` takes it. Others are told that they are wrong, and are no end: anything on
   * this computer may call here.
   */
  redirected<T>(accept: (parameters: URLSearchParams) => T | undefined): Promise<T>;
  close(): void;
}

/** A web server on this computer alone, to which a browser is sent back with its answer (RFC 8252, section 7.3). */
export async function listenOnLoopback(port: number): Promise<Loopback> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { port: actual } = server.address() as AddressInfo;
  return {
    redirectUri: `http://127.0.0.1:${actual}/callback`,
    redirected: (accept) =>
      new Promise((resolve) => {
        server.on('request', ({ method, url = '/' }, response) => {
          const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
          const found = method === 'GET' && pathname === '/callback' ? accept(searchParams) : undefined;
          const [status, words] =
            found === undefined
              ? [400, 'This is not the answer that the bot waits for.']
              : [200, 'The bot has the answer. This page can be closed.'];
          response.writeHead(status, {
            'content-type': 'text/plain; charset=utf-8',
            'cache-control': 'no-store',
            'referrer-policy': 'no-referrer',
            connection: 'close',
          });
          response.end(`${words}\n`, () => {
            if (found !== undefined) resolve(found);
          });
        });
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

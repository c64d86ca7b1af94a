import { request } from 'node:http';
import type { AuthPage } from '../../src/page/index.ts';

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request as it is: with any path, any Host, and no help from a client that tidies both. */
export function ask(
  page: AuthPage,
  path: string,
  { method = 'GET', headers = {} }: AskOptions = {},
): Promise<Asked> {
  const { hostname, port } = new URL(page.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

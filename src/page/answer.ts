import type { IncomingMessage, ServerResponse } from 'node:http';

/** Nothing from elsewhere, nothing inline, no frame around it, nothing kept. */
const secured: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type = 'text/plain', body = '', headers = {} }: Answer,
): void {
  const content = Buffer.from(body);
  response.writeHead(status, {
    ...secured,
    'content-type': `${type}; charset=utf-8`,
    'content-length': content.length,
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : content);
}

/** Begins an answer without an end. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, {
    ...secured,
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  });
}

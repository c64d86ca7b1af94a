import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Headers that belong to one connection, not to the request or the answer. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'upgrade']);

/** Sends a request on to the target, body and all, on a connection of its own. */
export function sendOn(request: IncomingMessage, target: URL): ClientRequest {
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const upstream = send(target, {
    method: request.method,
    path: `${target.pathname.replace(/\/$/, '')}${request.url ?? '/'}`,
    headers: [...endToEnd(request.rawHeaders), 'Host', target.host],
    // A kept connection could be closed by the target just as it is used: a fault that nobody injected.
    agent: false,
  });
  request.pipe(upstream);
  return upstream;
}

/** The head of the target's answer; its body is still to be read. */
export function answerTo(upstream: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    upstream.once('response', resolve);
    upstream.once('error', reject);
  });
}

/** Raw headers without those of the connection. */
export function endToEnd(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)] ?? '';
    return !HOP_BY_HOP.has(name.toLowerCase());
  });
}

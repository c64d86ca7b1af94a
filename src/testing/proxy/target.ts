import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Headers that belong to one connection, not to the request or the answer. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'upgrade']);

/** The homeserver behind the proxy. */
export class Target {
  readonly #url: URL;
  readonly #open = new Set<ClientRequest>();

  constructor(url: URL) {
    this.#url = url;
  }

  /**
   * Sends a request on, body and all, on a connection of its own; resolves when the head of the answer is there.
   * @param gone Gives the request up when it aborts; without it the request runs to its end.
   */
  ask(request: IncomingMessage, gone?: AbortSignal): Promise<IncomingMessage> {
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    const upstream = send(this.#url, {
      method: request.method,
      path: `${this.#url.pathname.replace(/\/$/, '')}${request.url ?? '/'}`,
      headers: [
        ...endToEnd(request.rawHeaders),
        ...['Host', this.#url.host],
        // By it a server that names its own addresses names those that lead through the proxy.
        ...(request.headers.host === undefined ? [] : ['X-Forwarded-Host', request.headers.host]),
      ],
      // A kept connection could be closed by the target just as it is used: a fault that nobody injected.
      agent: false,
    });
    this.#open.add(upstream);
    upstream.once('close', () => this.#open.delete(upstream));
    gone?.addEventListener('abort', () => upstream.destroy(), { once: true });
    request.pipe(upstream);
    return new Promise((resolve, reject) => {
      upstream.once('response', resolve);
      upstream.on('error', reject);
    });
  }

  /** Gives up every request that is still open. */
  abandonAll(): void {
    for (const upstream of this.#open) upstream.destroy();
  }
}

/** Raw headers without those of the connection. */
export function endToEnd(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)] ?? '';
    return !HOP_BY_HOP.has(name.toLowerCase());
  });
}

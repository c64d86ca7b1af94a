import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AuthPage, type AuthPageOptions, type Bot, resolveOptions } from './options.ts';
import { RefusalLog } from './refusal-log.ts';
import { Roster } from './roster.ts';
import { createHandler } from './routes.ts';
import { Streams } from './streams.ts';

/** Connections besides those of the streams: pages, probes, scripts. */
const OTHER_CONNECTIONS = 64;

/**
 * Serves a page on which the sessions can be watched: where each stands, how it came there, what happens next, and
 * what to do about it. It can only be read, and holds no secret. Beside the page: `/healthz` (the process lives),
 * `/readyz` (each session is usable), `/frames` (JSON) and `/events` (server-sent events).
 * @throws {AuthPageOptionsError} if it would be open to others without a token
 * @throws {TypeError} if two bots have the same name
 * @throws the system's error if the port cannot be had
 */
export async function serveAuthPage(
  bots: Bot | readonly Bot[],
  options: AuthPageOptions = {},
): Promise<AuthPage> {
  const resolved = resolveOptions(options);
  const log = new RefusalLog(resolved.logger);
  const roster: Roster = new Roster(() => streams.changed(), resolved.logger);
  const streams = new Streams(roster);
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 8_192 },
    createHandler({ options: resolved, roster, streams, log }),
  );
  server.maxConnections = resolved.maxStreams + OTHER_CONNECTIONS;
  server.on('drop', (data) => log.note('too many connections', data?.remoteAddress));

  async function close(): Promise<void> {
    streams.close();
    roster.clear();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  try {
    for (const bot of 'actor' in bots || 'framesAfter' in bots ? [bots] : bots) roster.add(bot);
    await listen(server, resolved.port, resolved.host);
  } catch (error) {
    roster.clear();
    throw error;
  }
  return {
    url: addressOf(server, resolved.host),
    add: (bot) => roster.add(bot),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/`;
}

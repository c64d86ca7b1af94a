import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprintOf } from '../../ports/secret.ts';
import { listenOnLoopback } from '../listen.ts';
import { urlOf } from '../request-url.ts';
import { carryOut, cut } from './exchange.ts';
import { type Fault, Faults, type InjectedFault, type Injection } from './fault.ts';
import type { FaultProxy, FaultProxyOptions } from './fault-proxy.ts';
import type { RequestMatch } from './match.ts';
import type { OpenRecord, RecordedRequest } from './recorded-request.ts';
import { Records, type WaitOptions } from './records.ts';
import { Target } from './target.ts';

/**
 * Starts a proxy in front of a homeserver that can answer in its place, delay, hang, cut connections, lose answers,
 * and be gone. It records every request.
 *
 * ```ts
 * await using proxy = await startFaultProxy({ target: homeserver.url });
 * proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'lose-response' } });
 * ```
 *
 * @throws TypeError if `target` is no http or https URL; the system's error if the port is taken.
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const target = URL.parse(options.target);
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw new TypeError(
      `target is "${options.target}": give the base URL of a homeserver, such as http://127.0.0.1:8008.`,
    );
  }
  const proxy = new RunningFaultProxy(target);
  await proxy.listen(options.port ?? 0);
  return proxy;
}

class RunningFaultProxy implements FaultProxy {
  latencyMs = 0;
  readonly #target: Target;
  readonly #faults = new Faults();
  readonly #records = new Records();
  readonly #sockets = new Set<Socket>();
  readonly #hanging = new Set<IncomingMessage>();
  readonly #server: Server;
  #port = 0;

  constructor(target: URL) {
    this.#target = new Target(target);
    this.#server = createServer((request, response) => this.#serve(request, response));
    // The client decides how long a connection lives; the proxy ends one only when it is told to.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#records.all;
  }

  async listen(port: number): Promise<void> {
    this.#port = await listenOnLoopback(this.#server, port);
  }

  inject(injection: Injection): InjectedFault {
    return this.#faults.inject(injection);
  }

  count(match: RequestMatch): number {
    return this.#records.count(match);
  }

  waitFor(match: RequestMatch, options?: WaitOptions): Promise<readonly RecordedRequest[]> {
    return this.#records.waitFor(match, options);
  }

  away(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.resetAndDestroy();
    });
  }

  async back(): Promise<void> {
    if (!this.#server.listening) await this.listen(this.#port);
  }

  clear(): void {
    this.#faults.clear();
    this.#records.clear();
    this.latencyMs = 0;
    for (const request of this.#hanging) cut({ request });
  }

  async stop(): Promise<void> {
    await this.away();
    this.#target.abandonAll();
    this.#faults.clear();
    this.#records.giveUp('The proxy was stopped');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const record = recordOf(request);
    const gone = new AbortController();
    response.once('close', () => {
      this.#hanging.delete(request);
      gone.abort();
      this.#records.finish(record);
    });
    const fault = this.#faults.take(record);
    if (fault !== undefined) record.fault = fault.kind;
    this.#records.add(record);
    this.#answer({ request, response, record, target: this.#target, gone: gone.signal }, fault).catch(() => {
      // The target is gone or cut its answer short, or the client went away: the client sees the same.
      cut({ request });
    });
  }

  async #answer(exchange: Parameters<typeof carryOut>[0], fault: Fault | undefined): Promise<void> {
    if (fault?.kind === 'hang') this.#hanging.add(exchange.request);
    if (this.latencyMs > 0) await delay(this.latencyMs, undefined, { signal: exchange.gone });
    await carryOut(exchange, fault);
  }
}

function recordOf(request: IncomingMessage): OpenRecord {
  const url = urlOf(request);
  const inHeader = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  const token = inHeader ?? url.searchParams.get('access_token') ?? undefined;
  url.searchParams.delete('access_token');
  return {
    at: Date.now(),
    method: request.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    ...(token === undefined ? {} : { tokenFingerprint: fingerprintOf(token) }),
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { asObject, asString, parseJson } from '../json.ts';
import type { Fault } from './fault.ts';
import type { OpenRecord } from './recorded-request.ts';
import { endToEnd, type Target } from './target.ts';

/** One request on its way through the proxy. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: OpenRecord;
  readonly target: Target;
  /** Aborts when the client's connection is over. */
  readonly gone: AbortSignal;
}

/** Does to the request what the fault says, or passes it through. Ends with the connection cut if that fails. */
export async function carryOut(exchange: Exchange, fault: Fault | undefined): Promise<void> {
  switch (fault?.kind) {
    case undefined:
      return passThrough(exchange);
    case 'answer':
      return answerItself(exchange, fault);
    case 'rewrite':
      return rewrite(exchange, fault);
    case 'delay':
      await delay(fault.delayMs, undefined, { signal: exchange.gone });
      return passThrough(exchange);
    case 'hang':
      return undefined;
    case 'cut':
      return cut(exchange);
    case 'lose-response':
      return loseResponse(exchange);
    case 'cut-body':
      return cutBody(exchange);
  }
}

/** Resets the client's connection. */
export function cut({ request }: Pick<Exchange, 'request'>): void {
  request.socket.resetAndDestroy();
}

async function passThrough({ request, response, record, target, gone }: Exchange): Promise<void> {
  // A client that gives up is seen by the target too.
  const answer = await target.ask(request, gone);
  record.status = answer.statusCode ?? 0;
  response.writeHead(record.status, answer.statusMessage, endToEnd(answer.rawHeaders));
  if (record.status < 400) {
    // The client sees the head when the target sent it, not when the body begins.
    response.flushHeaders();
    return pipeline(answer, response);
  }
  const body = await buffer(answer);
  noteErrcode(record, body);
  response.end(body);
}

function answerItself({ request, response, record }: Exchange, fault: Fault & { kind: 'answer' }): void {
  request.resume();
  const isJson = typeof fault.body === 'object';
  const body = Buffer.from(typeof fault.body === 'object' ? JSON.stringify(fault.body) : (fault.body ?? ''));
  record.status = fault.status;
  noteErrcode(record, body);
  response.writeHead(fault.status, {
    ...(isJson ? { 'content-type': 'application/json' } : {}),
    'content-length': body.byteLength,
    ...fault.headers,
  });
  response.end(body);
}

async function rewrite(
  { request, response, record, target, gone }: Exchange,
  fault: Fault & { kind: 'rewrite' },
): Promise<void> {
  const answer = await target.ask(request, gone);
  record.status = answer.statusCode ?? 0;
  const body = Buffer.from(fault.body((await buffer(answer)).toString('utf8')));
  noteErrcode(record, body);
  response.writeHead(record.status, answer.statusMessage, withLength(answer.rawHeaders, body.byteLength));
  response.end(body);
}

async function loseResponse(exchange: Exchange): Promise<void> {
  const answer = await exchange.target.ask(exchange.request);
  exchange.record.status = answer.statusCode ?? 0;
  noteErrcode(exchange.record, await buffer(answer));
  cut(exchange);
}

async function cutBody({ request, response, record, target }: Exchange): Promise<void> {
  const answer = await target.ask(request);
  record.status = answer.statusCode ?? 0;
  const body = await buffer(answer);
  noteErrcode(record, body);
  response.writeHead(record.status, answer.statusMessage, withLength(answer.rawHeaders, body.byteLength));
  // No reset here: it could overtake the half that was sent.
  response.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => request.socket.destroySoon());
}

/** The headers of an answer, with another length. */
function withLength(rawHeaders: readonly string[], length: number): string[] {
  const others = endToEnd(rawHeaders).filter(
    (_, index, headers) => headers[index - (index % 2)]?.toLowerCase() !== 'content-length',
  );
  return [...others, 'Content-Length', String(length)];
}

function noteErrcode(record: OpenRecord, body: Buffer): void {
  const errcode = asString(asObject(parseJson(body.toString('utf8')))['errcode']);
  if (errcode !== undefined) record.errcode = errcode;
}

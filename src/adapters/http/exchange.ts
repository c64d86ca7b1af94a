import type { Endpoint, Rejection } from '../../machines/auth/index.ts';
import type { Answer } from '../../ports/index.ts';
import { type RawAnswer, redirectIn } from './foreign-answer.ts';
import { networkFailure } from './network-failure.ts';
import { TimeLimit } from './time-limit.ts';

export interface ExchangeOptions {
  /** What a refusal is about. */
  readonly endpoint: Endpoint;
  /** Where it is sent to, for people. */
  readonly address: string;
  /** Who is asked, for people. Default `the homeserver`. */
  readonly who?: string;
  /** Time limit, the answer's body included, in ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer that was read to its end, and when its request was sent. */
export type HttpAnswer = RawAnswer & { readonly sentAt: number };

/** Sends a request and reads its answer. Nothing is thrown; no answer, and a redirect, is a rejection. */
export async function exchangeHttp(
  { endpoint, address, who, timeoutMs, signal: ended }: ExchangeOptions,
  send: (signal: AbortSignal) => Promise<Response>,
): Promise<Answer<HttpAnswer>> {
  const limit = new TimeLimit(timeoutMs, ended);
  const sentAt = Date.now();
  let status = 0;
  try {
    const response = await send(limit.signal);
    ({ status } = response);
    const { headers } = response;
    const redirect = redirectIn(response, address);
    if (redirect !== undefined) {
      await response.body?.cancel();
      return failed({ endpoint, status, trouble: 'malformed', detail: redirect });
    }
    const text = await response.text();
    return { ok: true, value: { status, headers, text, body: parsed(text), sentAt } };
  } catch (error) {
    if (limit.passed) return failed({ endpoint, status: 0, trouble: 'timeout' });
    // A body that broke off leaves the status, and still no answer that could be understood.
    if (status !== 0) return failed({ endpoint, status, trouble: 'malformed' });
    return failed({
      endpoint,
      status,
      trouble: 'unreachable',
      ...(ended?.aborted === true ? {} : { detail: networkFailure(error, address, who) }),
    });
  } finally {
    limit.end();
  }
}

function failed(rejection: Rejection): { ok: false; rejection: Rejection } {
  return { ok: false, rejection };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

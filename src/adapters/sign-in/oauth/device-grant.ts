import { setTimeout as delay } from 'node:timers/promises';
import * as oauth from 'oauth4webapi';
import * as v from 'valibot';
import { meaningOf, type Rejection } from '../../../machines/auth/index.ts';
import type { Answer, AuthorizationRequest } from '../../../ports/index.ts';
import { call, type Reach } from './call.ts';
import type { AuthMetadata } from './metadata.ts';
import { refusalIn } from './oauth-refusal.ts';
import { type TokenAnswer, tokensIn } from './token-answer.ts';

const DEFAULT_INTERVAL_MS = 5_000;
const SHORTEST_INTERVAL_MS = 50;
const LONGEST_INTERVAL_MS = 60_000;
const SLOW_DOWN_MS = 5_000;
const DEFAULT_LIFETIME_MS = 300_000;
const TOO_SOON_MS = 10_000;
/** Answers in a row that are none. Then the caller tells of it, and the same code is waited for again later. */
const TROUBLES = 3;
/** How long a question that is under way may go on when nobody waits any more: its answer may bring the tokens. */
const LAST_ANSWER_MS = 2_000;

const seconds = v.pipe(v.number(), v.finite(), v.gtValue(0));
const address = v.pipe(v.string(), v.url());
const deviceBody = v.object({
  device_code: v.pipe(v.string(), v.nonEmpty()),
  user_code: v.pipe(v.string(), v.nonEmpty()),
  verification_uri: address,
  verification_uri_complete: v.fallback(v.optional(address), undefined),
  expires_in: v.fallback(v.optional(seconds), undefined),
  interval: v.fallback(v.optional(seconds), undefined),
});

/** A code that waits for a person. */
export interface PendingCode {
  readonly clientId: string;
  readonly scope: string;
  readonly deviceCode: string;
  readonly request: AuthorizationRequest;
  /** By the monotonic clock, as is `until`: a clock that is set ends no code. */
  readonly askedAt: number;
  /** When it is good no longer. */
  readonly until: number;
  intervalMs: number;
}

/** Asks for a link and a code that a person can approve with (RFC 8628, section 3.1). */
export async function askForCode(
  as: AuthMetadata,
  clientId: string,
  scope: string,
  reach: Reach,
): Promise<Answer<PendingCode>> {
  const askedAt = performance.now();
  const answer = await call(reach, as.device_authorization_endpoint ?? '', (options) =>
    oauth.deviceAuthorizationRequest(as, { client_id: clientId }, oauth.None(), { scope }, options),
  );
  if (!answer.ok) return answer;
  const parsed = answer.value.status === 200 ? v.safeParse(deviceBody, answer.value.body) : undefined;
  if (parsed?.success !== true) return { ok: false, rejection: refusalIn(reach, answer.value) };
  const { output: body } = parsed;
  const lifetimeMs = body.expires_in === undefined ? DEFAULT_LIFETIME_MS : body.expires_in * 1000;
  return {
    ok: true,
    value: {
      clientId,
      scope,
      deviceCode: body.device_code,
      request: {
        message: `A person has to sign the bot in: open the link on any device, compare the code ${body.user_code}, and approve.`,
        link: body.verification_uri_complete ?? body.verification_uri,
        code: body.user_code,
        expiresAt: answer.value.sentAt + lifetimeMs,
      },
      askedAt,
      until: askedAt + lifetimeMs,
      intervalMs: Math.max(
        SHORTEST_INTERVAL_MS,
        body.interval === undefined ? DEFAULT_INTERVAL_MS : body.interval * 1000,
      ),
    },
  };
}

/**
 * Waits until a person has approved or denied; `expired` when the code is good no longer. Trouble that lasts is an answer,
 * too: the code is good all the same, and can be waited for again.
 */
export async function waitForApproval(
  as: AuthMetadata,
  pending: PendingCode,
  reach: Reach,
): Promise<Answer<TokenAnswer> | 'expired'> {
  const asking = lastingABitLonger(reach.signal);
  let troubles = 0;
  let retryAfterMs = 0;
  for (;;) {
    const wait = Math.max(Math.min(pending.intervalMs * 2 ** troubles, LONGEST_INTERVAL_MS), retryAfterMs);
    await passed(Math.min(wait, Math.max(0, pending.until - performance.now())), reach.signal);
    if (reach.signal.aborted) return nobodyWaits;
    if (isOver(pending)) return ranOut(pending, hasRunOut);
    const answer = await call({ ...reach, signal: asking }, as.token_endpoint, (options) =>
      oauth.deviceCodeGrantRequest(
        as,
        { client_id: pending.clientId },
        oauth.None(),
        pending.deviceCode,
        options,
      ),
    );
    const tokens = tokensIn(reach, answer);
    if (tokens.ok) return tokens;
    const { rejection } = tokens;
    const error = rejection.errcode;
    if (error === 'authorization_pending' || error === 'slow_down') {
      if (error === 'slow_down') pending.intervalMs += SLOW_DOWN_MS;
      [troubles, retryAfterMs] = [0, 0];
      continue;
    }
    if (error === 'expired_token' || error === 'invalid_grant') {
      return ranOut(pending, tokens);
    }
    if (meaningOf(rejection) !== 'transient') return tokens;
    troubles += 1;
    retryAfterMs = rejection.retryAfterMs ?? 0;
    if (troubles >= TROUBLES) return tokens;
  }
}

/** Whether the code has run out. The server knows better, where it is asked before that. */
export function isOver({ until }: PendingCode): boolean {
  return performance.now() >= until;
}

/** A code that was good for a moment only is trouble: to ask for another at once, again and again, would be a flood. */
function ranOut({ askedAt }: PendingCode, refusal: Answer<TokenAnswer>): Answer<TokenAnswer> | 'expired' {
  return performance.now() - askedAt < TOO_SOON_MS ? refusal : 'expired';
}

const hasRunOut = {
  ok: false,
  rejection: { endpoint: 'login', status: 0, errcode: 'expired_token', meaning: 'transient' },
} as const;

/** Whether this refusal says that the code is of no more use. */
export function endsCode({ errcode }: Rejection): boolean {
  return ['expired_token', 'invalid_grant', 'access_denied', 'invalid_client'].includes(errcode ?? '');
}

/** Waits, until nobody waits any more. */
async function passed(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** Goes on for a little while after the other one. */
function lastingABitLonger(signal: AbortSignal): AbortSignal {
  const ended = new AbortController();
  const end = () => setTimeout(() => ended.abort(), LAST_ANSWER_MS).unref();
  signal.addEventListener('abort', end, { once: true });
  return ended.signal;
}

const nobodyWaits = {
  ok: false,
  rejection: { endpoint: 'login', status: 0, trouble: 'unreachable' },
} as const;

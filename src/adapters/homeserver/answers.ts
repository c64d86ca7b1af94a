import * as v from 'valibot';
import type { Endpoint, Rejection } from '../../machines/auth/index.ts';
import { type Answer, Secret, type TokenGrant, type Whoami } from '../../ports/index.ts';

const token = v.pipe(v.string(), v.nonEmpty());
const duration = v.pipe(v.number(), v.finite(), v.minValue(0));

const loginBody = v.object({
  access_token: token,
  user_id: token,
  device_id: token,
  refresh_token: v.optional(token),
  expires_in_ms: v.optional(duration),
});

const refreshBody = v.object({
  access_token: token,
  refresh_token: v.optional(token),
  expires_in_ms: v.optional(duration),
});

const whoamiBody = v.object({ user_id: token, device_id: v.optional(token) });

const errorBody = v.object({
  errcode: v.optional(v.unknown()),
  soft_logout: v.optional(v.unknown()),
  retry_after_ms: v.optional(v.unknown()),
  flows: v.optional(v.unknown()),
});

/** Reads a 200 of `/login`; a body without what the specification requires counts as no answer. */
export function readLogin(status: number, body: unknown, sentAt: number): Answer<TokenGrant> {
  const parsed = v.safeParse(loginBody, body);
  if (!parsed.success) return malformed('login', status);
  const { user_id: userId, device_id: deviceId } = parsed.output;
  return { ok: true, value: { ...grantOf(parsed.output, sentAt), userId, deviceId } };
}

/** Reads a 200 of `/refresh`. */
export function readRefresh(status: number, body: unknown, sentAt: number): Answer<TokenGrant> {
  const parsed = v.safeParse(refreshBody, body);
  return parsed.success ? { ok: true, value: grantOf(parsed.output, sentAt) } : malformed('refresh', status);
}

/** Reads a 200 of `/account/whoami`. */
export function readWhoami(status: number, body: unknown): Answer<Whoami> {
  const parsed = v.safeParse(whoamiBody, body);
  if (!parsed.success) return malformed('whoami', status);
  const { user_id: userId, device_id: deviceId } = parsed.output;
  return { ok: true, value: { userId, ...(deviceId === undefined ? {} : { deviceId }) } };
}

/** Reads an answer that is not a 200: what the table of rejections needs to know of it. */
export function readRejection(
  endpoint: Endpoint,
  status: number,
  body: unknown,
  headers: Headers,
): Rejection {
  const parsed = v.safeParse(errorBody, body);
  const fields = parsed.success ? parsed.output : {};
  const retryAfter = retryAfterMs(headers.get('retry-after'), fields.retry_after_ms, Date.now());
  return {
    endpoint,
    status,
    ...(typeof fields.errcode === 'string' ? { errcode: fields.errcode } : {}),
    ...(typeof fields.soft_logout === 'boolean' ? { softLogout: fields.soft_logout } : {}),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    ...(Array.isArray(fields.flows) ? { flows: true } : {}),
  };
}

/** The wait that an answer asks for: `Retry-After` as seconds or as a date (RFC 9110), else `retry_after_ms`. */
function retryAfterMs(header: string | null, bodyMs: unknown, now: number): number | undefined {
  const text = header ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // A date of HTTP begins with the day of the week; `Date.parse` would take "-5" for one, too.
  const date = /^[A-Z][a-z]/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  return v.is(duration, bodyMs) ? bodyMs : undefined;
}

export function malformed(endpoint: Endpoint, status: number): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { endpoint, status, trouble: 'malformed' } };
}

function grantOf(body: v.InferOutput<typeof refreshBody>, sentAt: number): TokenGrant {
  return {
    accessToken: new Secret(body.access_token),
    ...(body.refresh_token === undefined ? {} : { refreshToken: new Secret(body.refresh_token) }),
    ...(body.expires_in_ms === undefined ? {} : { expiresInMs: body.expires_in_ms }),
    sentAt,
  };
}

import * as v from 'valibot';
import type { Endpoint, Rejection } from '../../machines/auth/index.ts';
import { type Answer, Secret, type TokenGrant, type Whoami } from '../../ports/index.ts';
import { retryAfterMs } from '../http/index.ts';

/**
 * What an `Authorization` header can carry. A granted token with anything else in it, or one that is longer than servers
 * take a whole head to be, could never be used.
 */
const accessToken = v.pipe(v.string(), v.regex(/^[!-~]+$/), v.maxLength(16_000));
const nonEmpty = v.pipe(v.string(), v.nonEmpty());
const userId = v.pipe(v.string(), v.regex(/^@[^:\0]*:[^\s\0]+$/));
const duration = v.pipe(v.number(), v.finite(), v.minValue(0));

/**
 * A field that the session can do without. One that is odd (null, another type, empty, negative) counts as absent: a
 * pair that was granted is not thrown away for it, since a spent refresh token may be good for no second exchange.
 */
function optional<const Schema extends v.GenericSchema>(schema: Schema) {
  return v.fallback(v.optional(schema), undefined);
}

// A lifetime in a string ("300000") is odd, too: its unit would be a guess, and a token whose end is not known is
// renewed when it is refused.
const grantFields = {
  access_token: accessToken,
  refresh_token: optional(nonEmpty),
  expires_in_ms: optional(duration),
};
const refreshBody = v.object(grantFields);
/** Whose account and device it is, `whoami` can say as well. */
const loginBody = v.object({ ...grantFields, user_id: optional(userId), device_id: optional(nonEmpty) });
const whoamiBody = v.object({ user_id: userId, device_id: optional(nonEmpty) });

const errorBody = v.object({
  errcode: v.optional(v.unknown()),
  soft_logout: v.optional(v.unknown()),
  retry_after_ms: v.optional(v.unknown()),
  flows: v.optional(v.unknown()),
});

/** Reads a 200 of `/login`; a body without a usable access token counts as no answer. */
export function readLogin(status: number, body: unknown, sentAt: number): Answer<TokenGrant> {
  const parsed = v.safeParse(loginBody, body);
  if (!parsed.success) return malformed('login', status);
  const { user_id: userId, device_id: deviceId } = parsed.output;
  return {
    ok: true,
    value: {
      ...grantOf(parsed.output, sentAt),
      ...(userId === undefined ? {} : { userId }),
      ...(deviceId === undefined ? {} : { deviceId }),
    },
  };
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

/** Error codes are upper-case words. Anything else could be anything, a quoted secret included, and is not repeated. */
const errcode = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_.]{0,99}$/));

/** Reads an answer that is not a 200: what the table of rejections needs to know of it. */
export function readRejection(
  endpoint: Endpoint,
  status: number,
  body: unknown,
  headers: Headers,
): Rejection {
  const parsed = v.safeParse(errorBody, body);
  const fields = parsed.success ? parsed.output : {};
  const inBody = v.is(duration, fields.retry_after_ms) ? fields.retry_after_ms : undefined;
  const retryAfter = retryAfterMs(status, headers, inBody, Date.now());
  return {
    endpoint,
    status,
    ...(v.is(errcode, fields.errcode) ? { errcode: fields.errcode } : {}),
    ...(typeof fields.soft_logout === 'boolean' ? { softLogout: fields.soft_logout } : {}),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    ...(Array.isArray(fields.flows) ? { flows: true } : {}),
  };
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

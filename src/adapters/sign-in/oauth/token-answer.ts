import * as v from 'valibot';
import { type Answer, Secret, type TokenGrant } from '../../../ports/index.ts';
import type { HttpAnswer } from '../../http/index.ts';
import type { Reach } from './call.ts';
import { refusalIn } from './oauth-refusal.ts';

/** What an `Authorization` header can carry. */
const accessToken = v.pipe(v.string(), v.regex(/^[!-~]+$/));
const seconds = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/), v.transform(Number))]),
  v.finite(),
  v.minValue(0),
);

// Read here, and not by the library: it refuses an answer for a field that a session can do without, and the pair in it
// may be good for no second exchange.
const tokenBody = v.object({
  access_token: accessToken,
  refresh_token: v.fallback(v.optional(v.pipe(v.string(), v.nonEmpty())), undefined),
  expires_in: v.fallback(v.optional(seconds), undefined),
  scope: v.fallback(v.optional(v.string()), undefined),
});

export type TokenAnswer = TokenGrant & { readonly scope?: string };

/** The tokens in an answer of the token endpoint, or what it means that there are none. */
export function tokensIn(reach: Reach, answer: Answer<HttpAnswer>): Answer<TokenAnswer> {
  if (!answer.ok) return answer;
  const { status, body, sentAt } = answer.value;
  if (status !== 200) return { ok: false, rejection: refusalIn(reach, answer.value) };
  const parsed = v.safeParse(tokenBody, body);
  if (!parsed.success) {
    const rejection = refusalIn(reach, answer.value);
    return { ok: false, rejection: { ...rejection, trouble: 'malformed', meaning: 'transient' } };
  }
  const { access_token: access, refresh_token: refresh, expires_in: lifetime, scope } = parsed.output;
  return {
    ok: true,
    value: {
      accessToken: new Secret(access),
      ...(refresh === undefined ? {} : { refreshToken: new Secret(refresh) }),
      ...(lifetime === undefined ? {} : { expiresInMs: lifetime * 1000 }),
      ...(scope === undefined ? {} : { scope }),
      sentAt,
    },
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import * as oauth from 'oauth4webapi';
import { meaningOf, type Rejection } from '../../../machines/auth/index.ts';
import type { Answer, AuthorizationRequest } from '../../../ports/index.ts';
import { call, type Reach } from './call.ts';
import { listenOnLoopback } from './loopback.ts';
import type { AuthMetadata } from './metadata.ts';
import { oauthRejection } from './oauth-refusal.ts';
import { type TokenAnswer, tokensIn } from './token-answer.ts';

/** The code in the redirect is good once, and for a short while: trouble is met by a few tries. */
const TRIES = 3;
const PAUSE_MS = 1_000;

export interface BrowserGrant {
  readonly as: AuthMetadata;
  readonly clientId: string;
  readonly scope: string;
  readonly port: number;
  readonly reach: Reach;
  readonly ask: (request: AuthorizationRequest) => void;
}

/** Has a person approve in a browser on this computer (authorization code with PKCE, RFC 7636). */
export async function approveInBrowser(grant: BrowserGrant): Promise<Answer<TokenAnswer>> {
  const { as, clientId, scope, port, reach, ask } = grant;
  const client = { client_id: clientId };
  const loopback = await listenOnLoopback(port).catch(() => undefined);
  if (loopback === undefined) return portTaken(port);
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  try {
    const link = new URL(as.authorization_endpoint ?? '');
    const parameters = {
      response_type: 'code',
      response_mode: 'query',
      client_id: clientId,
      redirect_uri: loopback.redirectUri,
      scope,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(parameters)) link.searchParams.set(name, value);
    const redirected = loopback.redirected((given) => answerIn(as, client, given, state));
    ask({
      message: 'A person has to sign the bot in: open the link in a browser on this computer, and approve.',
      link: link.href,
    });
    const answer = await Promise.race([redirected, aborted(reach.signal)]);
    if (answer === undefined) return { ok: false, rejection: { ...refused, trouble: 'unreachable' } };
    if ('error' in answer) return { ok: false, rejection: oauthRejection(reach, 400, answer.error) };
    if ('otherIssuer' in answer) return { ok: false, rejection: comeFrom(answer.otherIssuer, as) };
    for (let tries = 1; ; tries += 1) {
      const tokens = tokensIn(
        reach,
        await call(reach, as.token_endpoint, (options) =>
          oauth.authorizationCodeGrantRequest(
            as,
            client,
            oauth.None(),
            answer.parameters,
            loopback.redirectUri,
            verifier,
            options,
          ),
        ),
      );
      if (tokens.ok || tries === TRIES || meaningOf(tokens.rejection) !== 'transient') return tokens;
      if (tokens.rejection.errcode === 'invalid_grant') return tokens;
      await delay(PAUSE_MS, undefined, { signal: reach.signal }).catch(() => undefined);
    }
  } finally {
    loopback.close();
  }
}

/** The error of a redirect from another issuer than the metadata name (RFC 9207): its tokens would be somebody else's. */
export const OTHER_ISSUER = 'other_issuer';

/** What a redirect says; `undefined` where it is no answer to what was asked. */
function answerIn(
  as: AuthMetadata,
  client: oauth.Client,
  given: URLSearchParams,
  state: string,
):
  | { readonly parameters: URLSearchParams }
  | { readonly error: string }
  | { readonly otherIssuer: string }
  | undefined {
  const issuer = given.get('iss') ?? as.issuer;
  if (given.get('state') === state && withoutSlash(issuer) !== withoutSlash(as.issuer))
    return { otherIssuer: issuer };
  try {
    return { parameters: oauth.validateAuthResponse({ ...as, issuer }, client, given, state) };
  } catch (error) {
    return error instanceof oauth.AuthorizationResponseError ? { error: error.error } : undefined;
  }
}

function comeFrom(issuer: string, as: AuthMetadata): Rejection {
  const came = URL.canParse(issuer) ? new URL(issuer).href : 'that has no address';
  const what = `the browser came back from an issuer (${came}) other than the homeserver’s metadata name (${as.issuer})`;
  return {
    ...refused,
    status: 400,
    errcode: OTHER_ISSUER,
    meaning: 'login-refused',
    detail: { code: 'malformed-answer', what },
  };
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

const refused: Rejection = { endpoint: 'login', status: 0 };

function portTaken(port: number): Answer<TokenAnswer> {
  const what = `nothing could listen on port ${port} of this computer, to which the browser is to be sent back`;
  return {
    ok: false,
    rejection: { ...refused, meaning: 'transient', detail: { code: 'port-taken', what } },
  };
}

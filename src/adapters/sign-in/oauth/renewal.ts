import * as oauth from 'oauth4webapi';
import type { Answer, Renewal, RenewalContext, RenewalData } from '../../../ports/index.ts';
import { call, type Reach } from './call.ts';
import { type AuthMetadata, MetadataCache } from './metadata.ts';
import { refusalIn } from './oauth-refusal.ts';
import { tokensIn } from './token-answer.ts';

export const KIND = 'oauth';

/** What has to be known to go on with a session: who the client is, and where its tokens come from. */
export function renewalData(clientId: string, metadata: AuthMetadata): RenewalData {
  const { issuer, token_endpoint: tokenEndpoint, revocation_endpoint: revocationEndpoint } = metadata;
  return {
    clientId,
    issuer,
    tokenEndpoint,
    ...(revocationEndpoint === undefined ? {} : { revocationEndpoint }),
  };
}

/** Renews sessions of OAuth 2.0 (specification, "Refresh token grant"), and revokes them. */
export function oauthRenewal(cache = new MetadataCache()): Renewal {
  return {
    kind: KIND,
    advice: {
      ended:
        'The authorization server has ended the session: it was signed out, its device was removed, or the refresh token was used elsewhere. ' +
        'Sign the bot in again: with `npx matrix-auth-machine login` for the same session store, after which the bot goes on by itself, or with oauth() among its credentials.',
    },
    async renew(refreshToken, context) {
      const reach = reachOf(context, 'refresh');
      const metadata = await metadataFor(cache, reach, context.data);
      if (!metadata.ok) return metadata;
      const { clientId = '' } = context.data;
      const as = metadata.value;
      const answer = await call(reach, as.token_endpoint, (options) =>
        oauth.refreshTokenGrantRequest(
          as,
          { client_id: clientId },
          oauth.None(),
          refreshToken.reveal(),
          options,
        ),
      );
      if (answer.ok && answer.value.status === 404) cache.forget();
      const tokens = tokensIn(reach, answer);
      if (!tokens.ok) return tokens;
      const { scope: _, ...grant } = tokens.value;
      return { ok: true, value: { ...grant, kind: KIND, renewal: renewalData(clientId, as) } };
    },
    async end({ accessToken, refreshToken = accessToken }, context) {
      const reach = reachOf(context, 'other');
      const metadata = await metadataFor(cache, reach, context.data);
      return metadata.ok ? revoke(refreshToken.reveal(), metadata.value, context.data, reach) : metadata;
    },
  };
}

/** Ends the session of a token (RFC 7009). One that is ended already is no error. */
export async function revoke(
  token: string,
  as: AuthMetadata,
  { clientId = '' }: RenewalData,
  reach: Reach,
): Promise<Answer<void>> {
  const { revocation_endpoint: address } = as;
  if (address === undefined) {
    return { ok: false, rejection: { endpoint: reach.endpoint, status: 0, meaning: 'unsupported' } };
  }
  const answer = await call(reach, address, (options) =>
    oauth.revocationRequest(as, { client_id: clientId }, oauth.None(), token, options),
  );
  if (!answer.ok) return answer;
  return answer.value.status === 200
    ? { ok: true, value: undefined }
    : { ok: false, rejection: refusalIn(reach, answer.value) };
}

/** The metadata, or what was kept with the session where the homeserver cannot be asked for it. */
async function metadataFor(
  cache: MetadataCache,
  reach: Reach,
  data: RenewalData,
): Promise<Answer<AuthMetadata>> {
  const metadata = await cache.get(reach);
  const { issuer = reach.homeserverUrl, tokenEndpoint, revocationEndpoint } = data;
  if (metadata.ok || tokenEndpoint === undefined) return metadata;
  return {
    ok: true,
    value: {
      issuer,
      token_endpoint: tokenEndpoint,
      ...(revocationEndpoint === undefined ? {} : { revocation_endpoint: revocationEndpoint }),
      unstable: false,
    },
  };
}

function reachOf(
  { homeserverUrl, fetch, timeoutMs, signal }: RenewalContext,
  endpoint: Reach['endpoint'],
): Reach {
  return { endpoint, homeserverUrl, fetch, timeoutMs, signal };
}

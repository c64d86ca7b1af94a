import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Provider } from 'oidc-provider';
import type { OAuthStorage } from './storage.ts';

/** The path at which Synapse asks whose a token is. It is that of matrix-authentication-service. */
export const INTROSPECTION = '/oauth2/introspect';

/** What is known of a token that no OAuth 2.0 client asked for: it does not expire. */
export interface LastingToken {
  readonly localpart: string;
  readonly deviceId: string;
}

export interface Introspection {
  readonly provider: Provider;
  readonly storage: OAuthStorage;
  readonly lasting: ReadonlyMap<string, LastingToken>;
  /** What Synapse shows that it is Synapse. */
  readonly secret: string;
}

/**
 * Answers whose a token is (RFC 7662). oidc-provider has this, too, but only for its clients, and Synapse shows a secret as
 * matrix-authentication-service has it.
 */
export async function introspect(
  { provider, storage, lasting, secret }: Introspection,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.headers.authorization !== `Bearer ${secret}`) {
    response.writeHead(401).end();
    return;
  }
  const token = new URLSearchParams(await text(request)).get('token') ?? '';
  const known = lasting.get(token);
  const found = known === undefined ? await provider.AccessToken.find(token) : undefined;
  if (found !== undefined) storage.used(found.jti);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(known === undefined ? ofAccessToken(found) : ofLasting(known)));
}

function ofLasting({ localpart, deviceId }: LastingToken): object {
  return {
    active: true,
    scope: 'urn:matrix:client:api:*',
    username: localpart,
    sub: localpart,
    device_id: deviceId,
  };
}

function ofAccessToken(token: InstanceType<Provider['AccessToken']> | undefined): object {
  if (token === undefined) return { active: false };
  const { accountId, scope, remainingTTL } = token;
  return { active: true, scope, username: accountId, sub: accountId, expires_in: remainingTTL };
}

import type { Incoming } from '../incoming.ts';
import { jsonBody } from '../incoming.ts';
import { unrecognized } from '../matrix-error.ts';
import { Reply } from '../reply.ts';
import { open, type Route } from '../router.ts';
import type { World } from '../world.ts';
import { invalidRequest, oauthError } from './oauth-error.ts';
import type { Granted, OAuthServer } from './oauth-server.ts';
import { oauthPages } from './pages.ts';
import { prefixesOf } from './scope.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** An endpoint that is there where there is an OAuth 2.0 server. */
function oauth(
  method: string,
  path: string,
  answer: (incoming: Incoming, server: OAuthServer, world: World) => unknown,
): Route {
  return open(method, path, (incoming, world) => {
    if (world.oauth === null) throw unrecognized();
    return answer(incoming, world.oauth, world);
  });
}

/** The base URL by which whoever asks has come, through a proxy as well. */
function urlFor({ headers }: Incoming, { url }: World): string {
  const host = headers['x-forwarded-host'];
  return typeof host === 'string' ? `http://${host}` : url;
}

const metadataAt =
  (place: 'stable' | 'unstable') =>
  (incoming: Incoming, { options }: OAuthServer, world: World) => {
    // Synapse has them at both places.
    if (place === 'stable' && options.metadata === 'unstable') throw unrecognized();
    const url = urlFor(incoming, world);
    const metadata = {
      issuer: `${url}/`,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/oauth2/token`,
      registration_endpoint: `${url}/oauth2/registration`,
      revocation_endpoint: `${url}/oauth2/revoke`,
      ...(options.deviceGrant ? { device_authorization_endpoint: `${url}/oauth2/device` } : {}),
      scopes_supported: prefixesOf[options.scopes].map((prefix) => `${prefix}api:*`),
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment'],
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        ...(options.deviceGrant ? [DEVICE_CODE] : []),
      ],
      code_challenge_methods_supported: ['S256'],
      account_management_uri: `${url}/account/`,
    };
    return new Reply(200, metadata, { 'cache-control': 'public, max-age=600' });
  };

export const oauthEndpoints: readonly Route[] = [
  oauth('GET', '/v1/auth_metadata', metadataAt('stable')),
  oauth('GET', '/unstable/org.matrix.msc2965/auth_metadata', metadataAt('unstable')),

  oauth('POST', '/oauth2/registration', (incoming, server) => {
    const body = jsonBody(incoming);
    const list = (name: string) => (Array.isArray(body[name]) ? body[name].map(String) : []);
    if (!/^https:\/\/[^/@]+/.test(String(body['client_uri']))) {
      throw oauthError(400, 'invalid_client_metadata', 'client_uri has to be an https address');
    }
    const grantTypes = list('grant_types');
    const redirectUris = list('redirect_uris');
    if (grantTypes.includes('authorization_code') && redirectUris.length === 0) {
      throw oauthError(400, 'invalid_redirect_uri', 'redirect_uris is missing');
    }
    if (redirectUris.some((uri) => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):/.test(uri))) {
      throw oauthError(
        400,
        'invalid_redirect_uri',
        'a redirect to this computer is registered without a port',
      );
    }
    const name = typeof body['client_name'] === 'string' ? body['client_name'] : 'a client without a name';
    const { clientId } = server.register({ name, grantTypes, redirectUris });
    return new Reply(201, { ...body, client_id: clientId });
  }),

  oauth('POST', '/oauth2/device', (incoming, server, world) => {
    if (!server.options.deviceGrant) throw unrecognized();
    const form = new URLSearchParams(incoming.body);
    const grant = server.askDevice(form.get('client_id') ?? undefined, form.get('scope') ?? '');
    return {
      device_code: grant.deviceCode,
      user_code: grant.userCode,
      verification_uri: `${urlFor(incoming, world)}/link`,
      verification_uri_complete: `${urlFor(incoming, world)}/link?code=${grant.userCode}`,
      expires_in: Math.ceil((grant.until - world.now()) / 1000),
      interval: server.options.pollIntervalMs / 1000,
    };
  }),

  oauth('POST', '/oauth2/token', (incoming, server, world) => {
    const form = new URLSearchParams(incoming.body);
    const field = (name: string) => form.get(name) ?? undefined;
    const clientId = field('client_id');
    switch (field('grant_type')) {
      case DEVICE_CODE:
        return signedIn(server.redeemDevice(clientId, field('device_code')), incoming, world);
      case 'authorization_code': {
        const granted = server.redeemCode({
          clientId,
          code: field('code'),
          redirectUri: field('redirect_uri'),
          verifier: field('code_verifier'),
        });
        return signedIn(granted, incoming, world);
      }
      case 'refresh_token': {
        const client = server.client(clientId);
        const token = field('refresh_token');
        if (token === undefined) throw invalidRequest('refresh_token is missing');
        const { session, tokens } = world.sessions.refreshOAuth(token, client.clientId);
        world.counts.refreshes += 1;
        incoming.record.userId = session.userId;
        incoming.record.deviceId = session.deviceId;
        return tokenBody(tokens, session.scope);
      }
      case undefined:
      default:
        throw oauthError(400, 'unsupported_grant_type');
    }
  }),

  oauth('POST', '/oauth2/revoke', (incoming, server, world) => {
    const form = new URLSearchParams(incoming.body);
    server.client(form.get('client_id') ?? undefined);
    const token = form.get('token');
    if (token === null) throw invalidRequest('token is missing');
    const session = world.sessions.find(token);
    if (session !== undefined) world.deleteDevice(session.userId, session.deviceId);
    return {};
  }),

  ...oauthPages(oauth),
];

/** A session on the device; one that was there before on the same device has ended. */
function signedIn(granted: Granted, { record }: Incoming, world: World): object {
  const { userId, deviceId, clientId, scope } = granted;
  const account = world.accounts.get(userId);
  world.sessions.end(userId, deviceId);
  const isNew = !account.devices.has(deviceId);
  world.accounts.openDevice(account, deviceId, null);
  if (isNew) world.devicesChanged(userId);
  world.counts.logins += 1;
  record.userId = userId;
  record.deviceId = deviceId;
  return tokenBody(world.sessions.openOAuth(userId, deviceId, { clientId, scope }), scope);
}

function tokenBody(
  tokens: { readonly accessToken: string; readonly refreshToken?: string; readonly expiresInMs?: number },
  scope: string,
): object {
  return {
    access_token: tokens.accessToken,
    token_type: 'Bearer',
    ...(tokens.refreshToken === undefined ? {} : { refresh_token: tokens.refreshToken }),
    ...(tokens.expiresInMs === undefined ? {} : { expires_in: tokens.expiresInMs / 1000 }),
    scope,
  };
}

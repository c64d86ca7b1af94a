import { generateKeyPairSync } from 'node:crypto';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { devicePages, interactionPath, RESOURCE } from './pages.ts';
import type { OAuthStorage } from './storage.ts';

const DAY_S = 86_400;

export interface ProviderOptions {
  readonly issuer: string;
  readonly storage: OAuthStorage;
  /** Lifetime of access tokens, in whole seconds. */
  readonly accessTokenLifetimeS: number;
}

/**
 * A real OAuth 2.0 server, at the addresses that matrix-authentication-service has: device grant, authorization code with
 * PKCE, clients that register themselves, and refresh tokens that are replaced at each exchange.
 */
export function createProvider({ issuer, storage, accessTokenLifetimeS }: ProviderOptions): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    adapter: storage.adapter,
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key for tests'] },
    // Synapse reads its metadata, and wants this to be in it.
    discovery: { account_management_uri: `${issuer}/account` },
    routes: {
      authorization: '/authorize',
      code_verification: '/link',
      device_authorization: '/oauth2/device',
      registration: '/oauth2/registration',
      revocation: '/oauth2/revoke',
      token: '/oauth2/token',
    },
    ttl: {
      AccessToken: accessTokenLifetimeS,
      AuthorizationCode: 60,
      DeviceCode: 1_200,
      Grant: DAY_S,
      Interaction: 1_200,
      RefreshToken: DAY_S,
      Session: DAY_S,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      registration: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: async (_, client, token) => token.clientId === client.clientId,
      },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: async (ctx, form) => html(ctx, devicePages.ask(form)),
        userCodeConfirmSource: async (ctx, form, _client, _device, code) =>
          html(ctx, devicePages.confirm(form, code)),
        successSource: async (ctx) => html(ctx, devicePages.approved),
      },
      // A device is a scope that nobody can list beforehand: what is asked for is what there is.
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx) => ({
          scope: scopeIn(ctx),
          accessTokenFormat: 'opaque',
          accessTokenTTL: accessTokenLifetimeS,
        }),
      },
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    clientBasedCORS: () => false,
    findAccount: async (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    interactions: { url: (_, { uid }) => interactionPath(uid) },
  });
  // It is asked through the front.
  provider.proxy = true;
  return provider;
}

function scopeIn({ oidc: { params, entities } }: KoaContextWithOIDC): string {
  const { RefreshToken, DeviceCode, AuthorizationCode } = entities;
  const granted = (RefreshToken ?? DeviceCode ?? AuthorizationCode)?.scope;
  const asked = params?.['scope'];
  return typeof asked === 'string' ? asked : (granted ?? '');
}

function html(ctx: KoaContextWithOIDC, body: string): void {
  ctx.type = 'html';
  ctx.body = body;
}

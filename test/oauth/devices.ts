import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { MasApi } from './mas-api.ts';

const DEVICE = 'urn:matrix:client:device:';

export function deviceScope(deviceId: string): string {
  return `${DEVICE}${deviceId}`;
}

/**
 * Tells Synapse of the devices that are signed in and out, before the client has its answer. A code is waited for with short
 * pauses: without an interval in the answer they are of five seconds.
 */
export function keepDevices(provider: Provider, mas: MasApi): void {
  const revoked = new WeakSet<object>();
  provider.on('grant.revoked', (ctx) => revoked.add(ctx));
  provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as KoaContextWithOIDC;
    if (oidc?.route === 'device_authorization' && ctx.status === 200)
      Object.assign(ctx.body as object, { interval: 0.2 });
    const { RefreshToken, DeviceCode, AuthorizationCode } = oidc?.entities ?? {};
    if (revoked.has(ctx)) await eachDevice(RefreshToken, (...device) => mas.deleteDevice(...device));
    else if (oidc?.route === 'token' && ctx.status === 200)
      await eachDevice(DeviceCode ?? AuthorizationCode, (...device) => mas.upsertDevice(...device));
  });
}

async function eachDevice(
  token: { readonly accountId?: string | undefined; readonly scope?: string | undefined } | undefined,
  tell: (localpart: string, deviceId: string) => Promise<void>,
): Promise<void> {
  for (const scope of token?.scope?.split(' ') ?? []) {
    if (scope.startsWith(DEVICE)) await tell(token?.accountId ?? '', scope.slice(DEVICE.length));
  }
}

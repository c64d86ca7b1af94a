import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright-core';
import * as v from 'valibot';
import {
  localpartOf,
  type OAuthHomeserver,
  type OAuthHomeserverOptions,
  OWN_DEVICE,
} from '../support/oauth-homeserver.ts';
import { SERVER_NAME } from '../synapse/config.ts';
import { startSynapseWith } from '../synapse/server.ts';
import { deviceScope, keepDevices } from './devices.ts';
import { startFront } from './front.ts';
import { INTROSPECTION, introspect, type LastingToken } from './introspection.ts';
import { MasApi } from './mas-api.ts';
import { interact, isInteraction } from './pages.ts';
import { PersonInChromium } from './person.ts';
import { createProvider } from './provider.ts';
import { OAuthStorage, type SpentRefreshTokens } from './storage.ts';

const DevicesAnswer = v.object({ devices: v.array(v.object({ device_id: v.string() })) });

export interface OAuthSynapseOptions extends OAuthHomeserverOptions {
  /** Default: as with matrix-authentication-service. */
  readonly spentRefreshTokens?: SpentRefreshTokens;
}

/**
 * Real Synapse that delegates to a real OAuth 2.0 server, with a person who approves in a real Chromium. Access tokens live for
 * whole seconds.
 */
export async function startOAuthSynapse(
  { accessTokenLifetimeMs, spentRefreshTokens = 'good-until-the-next-is-used' }: OAuthSynapseOptions,
  browser: Browser,
): Promise<OAuthHomeserver> {
  const person = new PersonInChromium(browser);
  const front = await startFront();
  const secret = randomBytes(16).toString('hex');

  return await startSynapseWith(
    { delegation: { endpoint: front.url, secret } },
    async ({ label, url: homeserverUrl, child }) => {
      const mas = new MasApi(homeserverUrl, secret);
      // Only the server that was started here knows the secret: this also proves that the port is its own.
      await mas.provisionUser('somebody');
      const lasting = new Map<string, LastingToken>();
      const storage = new OAuthStorage(spentRefreshTokens);
      const accessTokenLifetimeS = Math.ceil(accessTokenLifetimeMs / 1000);
      const provider = createProvider({ issuer: front.url, storage, accessTokenLifetimeS });
      keepDevices(provider, mas);
      const callback = provider.callback();
      front.use({
        homeserverUrl,
        async others(request, response) {
          const { url = '/' } = request;
          if (url === INTROSPECTION)
            await introspect({ provider, storage, lasting, secret }, request, response);
          else if (isInteraction(url)) await interact(provider, request, response);
          else await callback(request, response);
        },
      });
      return {
        label: `${label} and oidc-provider`,
        url: front.url,
        async createUser(localpart) {
          await mas.provisionUser(localpart);
          await mas.upsertDevice(localpart, OWN_DEVICE);
          const accessToken = randomBytes(16).toString('hex');
          lasting.set(accessToken, { localpart, deviceId: OWN_DEVICE });
          return { userId: `@${localpart}:${SERVER_NAME}`, accessToken };
        },
        approve: (userId, { link = '' }) => person.approve(link, localpartOf(userId)),
        async deny({ link = '' }) {
          await person.deny(link);
        },
        async endSession(userId, deviceId) {
          storage.end(localpartOf(userId), deviceScope(deviceId));
          await mas.deleteDevice(localpartOf(userId), deviceId);
        },
        async devices(userId) {
          const localpart = localpartOf(userId);
          const [token = ''] = [...lasting].find(([, owner]) => owner.localpart === localpart) ?? [];
          const response = await fetch(`${homeserverUrl}/_matrix/client/v3/devices`, {
            headers: { authorization: `Bearer ${token}` },
          });
          const { devices } = v.parse(DevicesAnswer, await response.json());
          return devices.map((device) => device.device_id).filter((id) => id !== OWN_DEVICE);
        },
        async stop() {
          await front.stop();
          await child.stop();
        },
      };
    },
  );
}

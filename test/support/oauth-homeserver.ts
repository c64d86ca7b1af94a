import type { AuthorizationRequest } from '../../src/index.ts';
import { startTestHomeserver } from '../../src/testing/index.ts';

export interface OAuthHomeserverOptions {
  /** Lifetime of access tokens, in ms. */
  readonly accessTokenLifetimeMs: number;
}

/** What a test asks of a homeserver that delegates to an OAuth 2.0 server, whichever it is. */
export interface OAuthHomeserver {
  /** It ends up in test names. */
  readonly label: string;
  /** Base URL without a trailing slash, on 127.0.0.1. */
  readonly url: string;
  /** A new account, and a token of a device of its own which outlives the test. */
  createUser(localpart: string): Promise<{ readonly userId: string; readonly accessToken: string }>;
  /** A person approves what they are asked for; gives the words that they see then. */
  approve(userId: string, request: AuthorizationRequest): Promise<string>;
  deny(request: AuthorizationRequest): Promise<void>;
  /** The session on this device is ended, as its owner ends it in the account management. */
  endSession(userId: string, deviceId: string): Promise<void>;
  /** The device ids of the account, but for that of `createUser`. */
  devices(userId: string): Promise<string[]>;
  stop(): Promise<void>;
}

export type StartOAuthHomeserver = (options: OAuthHomeserverOptions) => Promise<OAuthHomeserver>;

/** The device of `createUser`. */
export const OWN_DEVICE = 'OWNDEVICE1';

/** The test homeserver, with the OAuth 2.0 server that it can have beside it. */
export async function startOAuthTestHomeserver({
  accessTokenLifetimeMs,
  compatibility = true,
}: OAuthHomeserverOptions & {
  /** Whether the API of before is there, too. Without it `createUser` signs nobody in. */
  readonly compatibility?: boolean;
}): Promise<OAuthHomeserver> {
  const homeserver = await startTestHomeserver({
    accessTokenLifetimeMs,
    oauth: { pollIntervalMs: 100, compatibility },
  });
  const decide = async ({ link = '' }: AuthorizationRequest, decision: Record<string, string>) => {
    const { origin, pathname, searchParams } = new URL(link);
    const body = new URLSearchParams({ ...Object.fromEntries(searchParams), ...decision });
    return await (await fetch(`${origin}${pathname}`, { method: 'POST', body })).text();
  };
  return {
    label: 'test homeserver',
    url: homeserver.url,
    async createUser(localpart) {
      const password = passwordOf(localpart);
      const { userId } = homeserver.createUser(localpart, password);
      const response = await fetch(`${homeserver.url}/_matrix/client/v3/login`, {
        method: 'POST',
        body: JSON.stringify({
          type: 'm.login.password',
          identifier: { type: 'm.id.user', user: localpart },
          password,
          device_id: OWN_DEVICE,
        }),
      });
      const { access_token: accessToken } = (await response.json()) as { access_token: string };
      return { userId, accessToken };
    },
    approve(userId, request) {
      const username = localpartOf(userId);
      return decide(request, { decision: 'approve', username, password: passwordOf(username) });
    },
    async deny(request) {
      await decide(request, { decision: 'deny' });
    },
    endSession: async (userId, deviceId) => homeserver.deleteDevice(userId, deviceId),
    devices: async (userId) => homeserver.devices(userId).filter((id) => id !== OWN_DEVICE),
    stop: () => homeserver.stop(),
  };
}

export function localpartOf(userId: string): string {
  return userId.slice(1).split(':', 1)[0] ?? '';
}

function passwordOf(localpart: string): string {
  return `pw-${localpart}`;
}

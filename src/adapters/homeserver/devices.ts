import * as v from 'valibot';
import type { Answer, CallOptions, Secret } from '../../ports/index.ts';
import { malformed } from './answers.ts';
import { type HomeserverOptions, request } from './request.ts';

/** A device of one's own account. */
export interface Device {
  readonly deviceId: string;
  readonly displayName?: string;
  /** When it was last used, in ms since the epoch, as far as the homeserver knows. */
  readonly lastSeenAt?: number;
}

const text = v.fallback(v.optional(v.string()), undefined);
const devicesBody = v.object({
  devices: v.array(
    v.object({
      device_id: v.string(),
      display_name: text,
      last_seen_ts: v.fallback(v.optional(v.number()), undefined),
    }),
  ),
});

/** `GET /_matrix/client/v3/devices` */
export function listDevices(
  options: HomeserverOptions,
  token: Secret,
  { signal }: CallOptions = {},
): Promise<Answer<readonly Device[]>> {
  return request<readonly Device[]>(options, {
    endpoint: 'other',
    method: 'GET',
    path: 'client/v3/devices',
    token,
    signal,
    read: (status, body) => {
      const { success, output } = v.safeParse(devicesBody, body);
      return success ? { ok: true, value: output.devices.map(deviceOf) } : malformed('other', status);
    },
  });
}

/** Removed; or the homeserver wants to know that it is the account's owner who asks, and how that can be shown. */
export type Removal =
  | { readonly outcome: 'removed' }
  | { readonly outcome: 'asked'; readonly session: string | undefined; readonly stages: readonly string[][] };

/** Proves whose account it is, in answer to `asked`. */
export interface Proof {
  readonly session: string | undefined;
  readonly userId: string;
  readonly password: Secret;
}

const challengeBody = v.object({
  session: text,
  flows: v.array(v.object({ stages: v.array(v.string()) })),
});

/** `POST /_matrix/client/v3/delete_devices`, which wants user-interactive authentication. */
export function removeDevices(
  options: HomeserverOptions,
  token: Secret,
  deviceIds: readonly string[],
  proof?: Proof,
): Promise<Answer<Removal>> {
  return request<Removal>(options, {
    endpoint: 'other',
    method: 'POST',
    path: 'client/v3/delete_devices',
    token,
    body: { devices: deviceIds, ...(proof === undefined ? {} : { auth: authOf(proof) }) },
    read: () => ({ ok: true, value: { outcome: 'removed' } }),
    readOther: (status, body) => {
      const { success, output } = v.safeParse(challengeBody, body);
      if (status !== 401 || !success) return undefined;
      return { outcome: 'asked', session: output.session, stages: output.flows.map(({ stages }) => stages) };
    },
  });
}

function authOf({ session, userId, password }: Proof): object {
  return {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: userId },
    password: password.reveal(),
    ...(session === undefined ? {} : { session }),
  };
}

function deviceOf(device: v.InferOutput<typeof devicesBody>['devices'][number]): Device {
  const { device_id: deviceId, display_name: displayName, last_seen_ts: lastSeenAt } = device;
  return {
    deviceId,
    ...(displayName === undefined ? {} : { displayName }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
  };
}

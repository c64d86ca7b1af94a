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

function deviceOf(device: v.InferOutput<typeof devicesBody>['devices'][number]): Device {
  const { device_id: deviceId, display_name: displayName, last_seen_ts: lastSeenAt } = device;
  return {
    deviceId,
    ...(displayName === undefined ? {} : { displayName }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
  };
}

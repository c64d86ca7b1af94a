import { asObject, isObject, type JsonObject } from '../../json.ts';
import type { Device } from '../accounts/accounts.ts';
import { jsonBody } from '../incoming.ts';
import { authed, type Route } from '../router.ts';

/** What the homeserver itself says of a device, beside its keys. */
const unsignedOf = (device: Device | undefined): JsonObject =>
  typeof device?.displayName === 'string' ? { device_display_name: device.displayName } : {};

/** End-to-end encryption keys: kept and handed on, never looked into. */
export const keyEndpoints: readonly Route[] = [
  authed('POST', '/v3/keys/upload', (incoming, requester, world) => {
    const body = jsonBody(incoming);
    world.deviceKeys.upload(requester.userId, requester.deviceId, body);
    if (isObject(body['device_keys'])) world.devicesChanged(requester.userId);
    return { one_time_key_counts: world.deviceKeys.counts(requester.userId, requester.deviceId) };
  }),
  authed('POST', '/v3/keys/query', (incoming, _, world) => {
    const asked = jsonBody(incoming)['device_keys'];
    const deviceKeys: JsonObject = {};
    for (const [userId, ids] of Object.entries(asObject(asked))) {
      const keys = world.deviceKeys.query(userId, Array.isArray(ids) ? ids.map(String) : []);
      deviceKeys[userId] = Object.fromEntries(
        Object.entries(keys).map(([deviceId, key]) => [
          deviceId,
          { ...key, unsigned: unsignedOf(world.accounts.find(userId)?.devices.get(deviceId)) },
        ]),
      );
    }
    return {
      device_keys: deviceKeys,
      failures: {},
      master_keys: {},
      self_signing_keys: {},
      user_signing_keys: {},
    };
  }),
  authed('POST', '/v3/keys/claim', (incoming, _, world) => {
    const asked = jsonBody(incoming)['one_time_keys'];
    const claimed: Record<string, JsonObject> = {};
    for (const [userId, devices] of Object.entries(asObject(asked))) {
      for (const [deviceId, algorithm] of Object.entries(asObject(devices))) {
        const key = world.deviceKeys.claim(userId, deviceId, String(algorithm));
        if (key === undefined) continue;
        claimed[userId] ??= {};
        claimed[userId][deviceId] = key;
      }
    }
    return { one_time_keys: claimed, failures: {} };
  }),
  authed('GET', '/v3/keys/changes', () => ({ changed: [], left: [] })),
];

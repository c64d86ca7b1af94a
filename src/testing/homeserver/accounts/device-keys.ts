import { isObject, type JsonObject } from '../../json.ts';

interface Keys {
  device: JsonObject | undefined;
  readonly oneTime: Map<string, unknown>;
  readonly fallback: Map<string, unknown>;
}

/** The end-to-end encryption keys of the devices, kept and given out unread. */
export class DeviceKeys {
  readonly #keys = new Map<string, Map<string, Keys>>();

  upload(userId: string, deviceId: string, body: JsonObject): void {
    const keys = this.#of(userId, deviceId);
    if (isObject(body['device_keys'])) keys.device = body['device_keys'];
    for (const [id, key] of Object.entries(body['one_time_keys'] ?? {})) keys.oneTime.set(id, key);
    for (const [id, key] of Object.entries(body['fallback_keys'] ?? {})) keys.fallback.set(id, key);
  }

  /** One-time keys left, by algorithm. */
  counts(userId: string, deviceId: string): Record<string, number> {
    const counts: Record<string, number> = { signed_curve25519: 0 };
    for (const id of this.#keys.get(userId)?.get(deviceId)?.oneTime.keys() ?? []) {
      const algorithm = id.split(':', 1)[0] ?? id;
      counts[algorithm] = (counts[algorithm] ?? 0) + 1;
    }
    return counts;
  }

  /** Algorithms that have a fallback key. */
  fallbackAlgorithms(userId: string, deviceId: string): string[] {
    const ids = this.#keys.get(userId)?.get(deviceId)?.fallback.keys() ?? [];
    return [...new Set([...ids].map((id) => id.split(':', 1)[0] ?? id))];
  }

  /** The device keys of the user by device id; of all devices if `deviceIds` is empty. */
  query(userId: string, deviceIds: readonly string[]): Record<string, JsonObject> {
    const result: Record<string, JsonObject> = {};
    for (const [deviceId, keys] of this.#keys.get(userId) ?? []) {
      if (keys.device !== undefined && (deviceIds.length === 0 || deviceIds.includes(deviceId))) {
        result[deviceId] = keys.device;
      }
    }
    return result;
  }

  /** Takes a one-time key away, or gives the fallback key. */
  claim(userId: string, deviceId: string, algorithm: string): JsonObject | undefined {
    const keys = this.#keys.get(userId)?.get(deviceId);
    for (const store of [keys?.oneTime, keys?.fallback]) {
      for (const [id, key] of store ?? []) {
        if (!id.startsWith(`${algorithm}:`)) continue;
        if (store === keys?.oneTime) keys?.oneTime.delete(id);
        return { [id]: key };
      }
    }
    return undefined;
  }

  forget(userId: string, deviceId: string): void {
    this.#keys.get(userId)?.delete(deviceId);
  }

  #of(userId: string, deviceId: string): Keys {
    const devices = this.#keys.get(userId) ?? new Map<string, Keys>();
    this.#keys.set(userId, devices);
    const keys = devices.get(deviceId) ?? { device: undefined, oneTime: new Map(), fallback: new Map() };
    devices.set(deviceId, keys);
    return keys;
  }
}

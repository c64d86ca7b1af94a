import type { Session } from '../../machines/auth/index.ts';

/** Which session of a fleet is signed in on which device. Two on one end each other's session at each login. */
export class FleetDevices {
  /** By the device; `owner` is whatever stands for a session. */
  readonly #sessions = new Map<string, { readonly owner: object; readonly name: string }>();

  /** Says which other session of the fleet is on the same device. */
  signedIn(owner: object, name: string, { userId, deviceId }: Session): string | undefined {
    if (userId === undefined || deviceId === undefined) return undefined;
    const device = `${userId} ${deviceId}`;
    const found = this.#sessions.get(device);
    if (found === undefined) this.#sessions.set(device, { owner, name });
    return found === undefined || found.owner === owner ? undefined : found.name;
  }

  ended(owner: object, { userId, deviceId }: Session): void {
    const device = `${userId} ${deviceId}`;
    if (this.#sessions.get(device)?.owner === owner) this.#sessions.delete(device);
  }
}

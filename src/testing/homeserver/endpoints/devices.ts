import { asString, type JsonObject } from '../../json.ts';
import type { Account, Device } from '../accounts/accounts.ts';
import { type Incoming, jsonBody, param } from '../incoming.ts';
import { notFound } from '../matrix-error.ts';
import { unlessDelegated } from '../oauth/legacy.ts';
import { authed, type Requester, type Route } from '../router.ts';
import type { World } from '../world.ts';

export const deviceEndpoints: readonly Route[] = [
  authed('GET', '/v3/devices', (_, { account }) => ({
    devices: [...account.devices.values()].sort(byId).map((device) => deviceBody(account, device)),
  })),
  authed('GET', '/v3/devices/:deviceId', (incoming, { account }) =>
    deviceBody(account, deviceOf(account, incoming)),
  ),
  authed('PUT', '/v3/devices/:deviceId', (incoming, { account }) => {
    const body = jsonBody(incoming);
    const device = deviceOf(account, incoming);
    device.displayName = asString(body['display_name']) ?? device.displayName;
    return {};
  }),
  unlessDelegated(
    authed('DELETE', '/v3/devices/:deviceId', (incoming, requester, world) => {
      const body = jsonBody(incoming, true);
      prove(incoming, requester, world, body);
      world.deleteDevice(requester.userId, param(incoming, 'deviceId'));
      return {};
    }),
  ),
  unlessDelegated(
    authed('POST', '/v3/delete_devices', (incoming, requester, world) => {
      const body = jsonBody(incoming);
      prove(incoming, requester, world, body);
      const ids = Array.isArray(body['devices']) ? body['devices'] : [];
      for (const id of ids) world.deleteDevice(requester.userId, String(id));
      return {};
    }),
  ),
];

function prove(incoming: Incoming, requester: Requester, world: World, body: JsonObject): void {
  world.interactiveAuth.require(
    requester.account,
    (user) => world.accounts.qualify(user),
    `${incoming.method} ${incoming.path}`,
    body,
  );
}

function deviceOf(account: Account, incoming: Incoming): Device {
  const device = account.devices.get(param(incoming, 'deviceId'));
  if (device === undefined) throw notFound('Not found');
  return device;
}

const byId = (a: Device, b: Device) => (a.deviceId < b.deviceId ? -1 : 1);

function deviceBody(account: Account, device: Device): JsonObject {
  return {
    user_id: account.userId,
    device_id: device.deviceId,
    display_name: device.displayName,
    last_seen_ts: device.lastSeenTs,
    last_seen_ip: device.lastSeenTs === null ? null : '127.0.0.1',
  };
}

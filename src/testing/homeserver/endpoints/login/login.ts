import { asString, type JsonObject } from '../../../json.ts';
import type { Account } from '../../accounts/accounts.ts';
import { type Incoming, jsonBody } from '../../incoming.ts';
import { badRequest, invalidParam, unrecognized, userLocked, userLockedCompat } from '../../matrix-error.ts';
import { requireLegacy } from '../../oauth/legacy.ts';
import { authed, open, type Route } from '../../router.ts';
import type { World } from '../../world.ts';
import { provenByApplicationService } from './application-service.ts';
import { provenByJwt } from './jwt.ts';
import { provenByPassword } from './password.ts';

export const loginEndpoints: readonly Route[] = [
  open('GET', '/v3/login', (_, world) => {
    requireLegacy(world);
    return { flows: flowsOf(world) };
  }),
  open('POST', '/v3/login', (incoming, world) => {
    requireLegacy(world);
    const body = jsonBody(incoming);
    const wantsRefreshToken = body['refresh_token'] ?? false;
    if (typeof wantsRefreshToken !== 'boolean') throw badRequest('`refresh_token` should be true or false.');
    if (!('type' in body)) throw badRequest('Missing JSON keys.');
    const account = accountProvenBy(body, incoming, world);
    if (account.locked) throw world.oauth === null ? userLocked() : userLockedCompat();

    const deviceId = asString(body['device_id']);
    if (deviceId !== undefined && deviceId.length > 512) {
      throw invalidParam('device_id cannot be longer than 512 characters.');
    }
    const isNew = deviceId === undefined || !account.devices.has(deviceId);
    const device = world.accounts.openDevice(
      account,
      deviceId,
      asString(body['initial_device_display_name']) ?? null,
    );
    if (isNew) world.devicesChanged(account.userId);
    const tokens = world.sessions.open(account.userId, device.deviceId, wantsRefreshToken);
    world.counts.logins += 1;
    incoming.record.userId = account.userId;
    incoming.record.deviceId = device.deviceId;
    return {
      user_id: account.userId,
      access_token: tokens.accessToken,
      home_server: world.options.serverName,
      device_id: device.deviceId,
      ...(tokens.expiresInMs === undefined ? {} : { expires_in_ms: tokens.expiresInMs }),
      ...(tokens.refreshToken === undefined ? {} : { refresh_token: tokens.refreshToken }),
      well_known: { 'm.homeserver': { base_url: `${world.url}/` } },
    };
  }),
  authed('POST', '/v1/login/get_token', (_, { userId }, world) => {
    if (!world.options.loginTokens) throw unrecognized();
    world.loginTokenLimit.count(userId);
    const { lifetimeMs } = world.loginTokens;
    return {
      login_token: world.loginTokens.issue(userId),
      expires_in: lifetimeMs / 1000,
      expires_in_ms: lifetimeMs,
    };
  }),
];

function flowsOf({ options: { jwtSecret, loginTokens } }: World): JsonObject[] {
  return [
    ...(jwtSecret === null ? [] : [{ type: 'org.matrix.login.jwt' }]),
    ...(loginTokens ? [{ type: 'm.login.token', get_login_token: true }] : []),
    { type: 'm.login.password' },
    { type: 'm.login.application_service' },
  ];
}

/** @throws MatrixError 400 for a body that asks wrongly, 403 for a wrong name or secret (which looks the same). */
function accountProvenBy(body: JsonObject, incoming: Incoming, world: World): Account {
  const type = body['type'];
  if (type === 'm.login.application_service') {
    const prove = provenByApplicationService(incoming, world);
    world.loginLimit.count('login');
    return prove(body);
  }
  world.loginLimit.count('login');
  if (type === 'm.login.token') return world.accounts.get(world.loginTokens.spend(asString(body['token'])));
  if (type === 'org.matrix.login.jwt' && world.options.jwtSecret !== null) {
    return provenByJwt(body, world.options.jwtSecret, world);
  }
  if (typeof type !== 'string') throw invalidParam('Bad parameter: type');
  return provenByPassword(type, body, world);
}

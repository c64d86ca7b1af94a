import { asString, isObject, type JsonObject } from '../../json.ts';
import type { Account } from '../accounts/accounts.ts';
import { jsonBody } from '../incoming.ts';
import {
  badRequest,
  forbidden,
  invalidParam,
  matrixError,
  userLocked,
  wrongPassword,
} from '../matrix-error.ts';
import { open, type Route } from '../router.ts';
import type { World } from '../world.ts';

export const loginEndpoints: readonly Route[] = [
  open('GET', '/v3/login', () => ({
    flows: [{ type: 'm.login.password' }, { type: 'm.login.application_service' }],
  })),
  open('POST', '/v3/login', (incoming, world) => {
    const body = jsonBody(incoming);
    const wantsRefreshToken = body['refresh_token'] ?? false;
    if (typeof wantsRefreshToken !== 'boolean') throw badRequest('`refresh_token` should be true or false.');
    if (!('type' in body)) throw badRequest('Missing JSON keys.');
    world.loginLimit.count('login');
    const account = accountProvenBy(body, world);
    if (account.locked) throw userLocked();

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
];

/** @throws MatrixError 400 for a body that asks wrongly, 403 for a wrong name or password (which looks the same). */
function accountProvenBy(body: JsonObject, world: World): Account {
  const type = body['type'];
  if (type === 'm.login.token') throw forbidden('Invalid login token');
  if (typeof type !== 'string') throw invalidParam('Bad parameter: type');
  const password = body['password'];
  if (type === 'm.login.password' && typeof password !== 'string')
    throw invalidParam('Bad parameter: password');
  const account = accountMeantBy(identifierOf(body), type, world);
  if (account === undefined || account.password === null || account.password !== password) {
    throw wrongPassword();
  }
  return account;
}

function accountMeantBy(identifier: JsonObject, type: string, { accounts }: World): Account | undefined {
  if (identifier['type'] === 'm.id.thirdparty') {
    const medium = asString(identifier['medium']);
    const address = asString(identifier['address']);
    if (medium === undefined || address === undefined) throw badRequest('Invalid thirdparty identifier');
    if (medium !== 'email') return accounts.byThirdParty(medium, address);
    if (address.split('@').length !== 2) throw badRequest('Unable to parse email address');
    return accounts.byThirdParty(medium, address.toLowerCase());
  }
  if (identifier['type'] !== 'm.id.user') throw badRequest('Unknown login identifier type');
  const user = asString(identifier['user']);
  if (user === undefined || user === '') throw badRequest("User identifier is missing 'user' key");
  if (type !== 'm.login.password') throw badRequest(`Unknown login type ${type}`);
  return accounts.byLoginName(user);
}

/** The `identifier`, or what stood for it before there was one. */
function identifierOf(body: JsonObject): JsonObject {
  if ('user' in body) return { type: 'm.id.user', user: body['user'] };
  const identifier = body['identifier'];
  if (identifier === undefined) throw invalidParam('Invalid login submission');
  if (isObject(identifier) && 'type' in identifier) return identifier;
  throw matrixError(400, 'M_MISSING_PARAM', "'identifier' dict has no key 'type'");
}

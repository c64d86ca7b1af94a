import { jsonBody } from '../incoming.ts';
import { invalidParam, missingParams, unrecognized } from '../matrix-error.ts';
import { requireLegacy, requireLegacySession } from '../oauth/legacy.ts';
import { authed, authedInAnyState, open, type Route } from '../router.ts';

/** The life of a session after login. */
export const sessionEndpoints: readonly Route[] = [
  open('POST', '/v3/refresh', (incoming, world) => {
    requireLegacy(world);
    if (world.sessions.accessTokenLifetimeMs === null) throw unrecognized();
    world.refreshLimit.count('refresh');
    const body = jsonBody(incoming);
    if (!('refresh_token' in body)) throw missingParams(['refresh_token']);
    const token = body['refresh_token'];
    if (typeof token !== 'string') throw invalidParam('Invalid param: refresh_token');
    const { session, tokens } = world.sessions.refresh(token);
    world.counts.refreshes += 1;
    incoming.record.userId = session.userId;
    incoming.record.deviceId = session.deviceId;
    return {
      access_token: tokens.accessToken,
      ...(tokens.refreshToken === undefined ? {} : { refresh_token: tokens.refreshToken }),
      expires_in_ms: tokens.expiresInMs,
    };
  }),
  authedInAnyState('POST', '/v3/logout', (incoming, requester, world) => {
    requireLegacySession(incoming, world);
    world.deleteDevice(requester.userId, requester.deviceId);
    return {};
  }),
  authedInAnyState('POST', '/v3/logout/all', (incoming, requester, world) => {
    requireLegacySession(incoming, world);
    world.deleteAllDevices(requester.userId);
    return {};
  }),
  authed('GET', '/v3/account/whoami', (_, requester) => ({
    user_id: requester.userId,
    is_guest: false,
    device_id: requester.deviceId,
  })),
];

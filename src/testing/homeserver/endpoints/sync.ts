import { jsonBody, param } from '../incoming.ts';
import { forbidden } from '../matrix-error.ts';
import { authed, type Route } from '../router.ts';
import { answerSync } from '../sync/sync.ts';

export const syncEndpoints: readonly Route[] = [
  authed('GET', '/v3/sync', answerSync),
  authed('POST', '/v3/user/:userId/filter', (incoming, requester, world) => {
    if (param(incoming, 'userId') !== requester.userId)
      throw forbidden('Cannot create filters for other users');
    return { filter_id: world.filters.add(requester.userId, jsonBody(incoming)) };
  }),
  authed('GET', '/v3/user/:userId/filter/:filterId', (incoming, requester, world) => {
    if (param(incoming, 'userId') !== requester.userId) throw forbidden('Cannot get filters for other users');
    return world.filters.get(requester.userId, param(incoming, 'filterId'));
  }),
  authed('PUT', '/v3/presence/:userId/status', (incoming, requester) => {
    if (param(incoming, 'userId') !== requester.userId)
      throw forbidden('Can only set your own presence state');
    jsonBody(incoming);
    return {};
  }),
  authed('GET', '/v3/presence/:userId/status', () => ({ presence: 'offline' })),
];

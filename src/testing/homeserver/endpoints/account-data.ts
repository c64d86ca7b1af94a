import { type Incoming, jsonBody, param } from '../incoming.ts';
import { forbidden, notFound } from '../matrix-error.ts';
import { authed, type Requester, type Route } from '../router.ts';

const paths = ['/v3/user/:userId/account_data/:type', '/v3/user/:userId/rooms/:roomId/account_data/:type'];

export const accountDataEndpoints: readonly Route[] = paths.flatMap((path) => [
  authed('PUT', path, (incoming, requester, world) => {
    requireOwn(incoming, requester, 'Cannot add account data for other users.');
    const { roomId, type = '' } = incoming.params;
    world.accountData.set(requester.userId, roomId, type, jsonBody(incoming));
    return {};
  }),
  authed('GET', path, (incoming, requester, world) => {
    requireOwn(incoming, requester, 'Cannot get account data for other users.');
    const { roomId, type = '' } = incoming.params;
    const content = world.accountData.get(requester.userId, roomId, type);
    if (content === undefined) {
      throw notFound(roomId === undefined ? 'Account data not found' : 'Room account data not found');
    }
    return content;
  }),
]);

function requireOwn(incoming: Incoming, requester: Requester, error: string): void {
  if (param(incoming, 'userId') !== requester.userId) throw forbidden(error);
}

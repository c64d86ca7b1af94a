import { accessTokenOf, type Incoming } from '../incoming.ts';
import { unknownToken, unrecognized } from '../matrix-error.ts';
import type { Route } from '../router.ts';
import type { World } from '../world.ts';

/** @throws MatrixError 404 where the API of before is not there beside that of OAuth 2.0 */
export function requireLegacy({ oauth }: World): void {
  if (oauth?.options.compatibility === false) throw unrecognized();
}

/** An endpoint that a homeserver does not have which delegates: sessions and accounts are not its own. */
export function unlessDelegated(route: Route): Route {
  return {
    ...route,
    answer: (incoming, world) => {
      if (world.oauth !== null) throw unrecognized();
      return route.answer(incoming, world);
    },
  };
}

/** The API of before knows no session of OAuth 2.0. @throws MatrixError 404 or 401 */
export function requireLegacySession(incoming: Incoming, world: World): void {
  requireLegacy(world);
  if (world.sessions.isOAuth(accessTokenOf(incoming))) throw unknownToken('Invalid access token', false);
}

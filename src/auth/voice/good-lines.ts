import { clockTime } from '../../adapters/homeserver/index.ts';
import type { Session } from '../../machines/auth/index.ts';

/** `signed in as @bot:example.org on device ABC at https://…; the token is good until 20:15:03` */
export function signedInLine(session: Session | undefined, homeserver: string | undefined, again: boolean) {
  const { userId = 'an unknown user', deviceId } = session ?? {};
  const device = deviceId === undefined ? '' : ` on device ${deviceId}`;
  const place = homeserver === undefined ? '' : ` at ${homeserver}`;
  return `matrix-auth-machine: signed in${again ? ' again' : ''} as ${userId}${device}${place}; ${untilText(session)}.`;
}

export function renewedLine(session: Session): string {
  return `matrix-auth-machine: the token was renewed; ${untilText(session)}.`;
}

function untilText(session: Session | undefined): string {
  const expiresAt = session?.expiresAt;
  return expiresAt === undefined
    ? 'the homeserver names no end of the token'
    : `the token is good until ${clockTime(expiresAt)}`;
}

import type { FailureReason } from '../machines/auth/index.ts';
import type { AuthorizationRequest, SignIn } from '../ports/index.ts';
import type { Listeners } from './listeners.ts';
import type { Logger } from './options.ts';
import { seeSection } from './voice/codes.ts';

/** A person has to do something: whoever listens is told, else the log. */
export function askPerson(
  request: AuthorizationRequest,
  { listeners, logger }: { readonly listeners: Listeners; readonly logger: Logger },
): void {
  if (listeners.has('authorization'))
    return listeners.emit('authorization', { type: 'authorization', ...request });
  const { message, link, code, expiresAt } = request;
  const details = [
    link === undefined ? '' : ` Link: ${link}`,
    code === undefined ? '' : ` Code: ${code}`,
    expiresAt === undefined ? '' : ` Good until ${new Date(expiresAt).toISOString()}.`,
  ];
  logger.warn(`matrix-auth-machine: ${message}${details.join('')}`);
}

/** A way to sign in was refused, and another one is left. */
export function tellWayRefused({ kind, advice }: SignIn, reason: FailureReason, logger: Logger): void {
  const words = reason === 'login-unsupported' ? advice.unsupported : advice.refused;
  logger.warn(
    `matrix-auth-machine: ${reason}: signing in by "${kind}" did not work, and the next way is tried. ${words} ${seeSection(reason)}`,
  );
}

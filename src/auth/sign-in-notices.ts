import type { FailureReason } from '../machines/auth/index.ts';
import type { AuthorizationRequest, SignIn } from '../ports/index.ts';
import type { Listeners } from './listeners.ts';
import type { Logger } from './options.ts';
import { seeSection } from './voice/codes.ts';

/** What a person is told while the session signs in. */
export interface SignInNotices {
  /** A person has to do something. */
  readonly ask: (request: AuthorizationRequest) => void;
  /** A way to sign in was refused, and another one is left. */
  readonly onWayRefused: (way: SignIn, reason: FailureReason) => void;
}

export function signInNotices(listeners: Listeners, logger: Logger): SignInNotices {
  return {
    ask(request) {
      listeners.emit('authorization', { type: 'authorization', ...request });
      if (listeners.has('authorization')) return;
      const { message, link, code, expiresAt } = request;
      const details = [
        link === undefined ? '' : ` Link: ${link}`,
        code === undefined ? '' : ` Code: ${code}`,
        expiresAt === undefined ? '' : ` Good until ${new Date(expiresAt).toISOString()}.`,
      ];
      logger.warn(`matrix-auth-machine: ${message}${details.join('')}`);
    },
    onWayRefused({ kind, advice }, reason) {
      const words = reason === 'login-unsupported' ? advice.unsupported : advice.refused;
      logger.warn(
        `matrix-auth-machine: ${reason}: signing in by "${kind}" did not work, and the next way is tried. ${words} ${seeSection(reason)}`,
      );
    },
  };
}

import { defaultLoginBudget, SessionKeeper } from '../adapters/sessions/index.ts';
import type { SessionStore } from '../ports/index.ts';
import { tellWarning } from './announce.ts';
import type { Listeners } from './listeners.ts';
import type { Logger, MatrixAuthOptions } from './options.ts';

interface Surroundings {
  readonly store: SessionStore;
  readonly name: string;
  readonly listeners: Listeners;
  readonly logger: Logger;
  /** Whether requests wait for a new token. */
  readonly urgent: () => boolean;
}

/** The keeper of a session's tokens, as the options want it. */
export function makeKeeper(
  { loginBudget, onStoreDown = 'wait' }: Pick<MatrixAuthOptions<never>, 'loginBudget' | 'onStoreDown'>,
  { store, name, listeners, logger, urgent }: Surroundings,
): SessionKeeper {
  const onUnpersisted = () =>
    tellWarning(listeners, logger, {
      type: 'warning',
      warning: {
        kind: 'unpersisted',
        message:
          'The session store is away and the access token ran out, so the token was renewed without the store, as onStoreDown: "use-unpersisted" says. ' +
          'The new token is in this process alone, and is written as soon as the store is back. If the process ends before that, the session may be lost.',
      },
    });
  return new SessionKeeper({
    store,
    name,
    budget: { ...defaultLoginBudget, ...loginBudget },
    ...(onStoreDown === 'wait' ? {} : { withoutStore: { urgent, onUnpersisted } }),
  });
}

import { defaultLoginBudget, SessionKeeper } from '../adapters/sessions/index.ts';
import type { SessionStore } from '../ports/index.ts';
import type { MatrixAuthOptions } from './options.ts';

interface Surroundings {
  readonly store: SessionStore;
  readonly name: string;
  /** Whether requests wait for a new token. */
  readonly urgent: () => boolean;
}

/** The keeper of a session's tokens, as the options want it. */
export function makeKeeper(
  { loginBudget, onStoreDown = 'wait' }: Pick<MatrixAuthOptions<never>, 'loginBudget' | 'onStoreDown'>,
  { store, name, urgent }: Surroundings,
): SessionKeeper {
  return new SessionKeeper({
    store,
    name,
    budget: { ...defaultLoginBudget, ...loginBudget },
    ...(onStoreDown === 'wait' ? {} : { withoutStore: urgent }),
  });
}

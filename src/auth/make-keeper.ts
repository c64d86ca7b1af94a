import { defaultLoginBudget, Leadership, SessionKeeper } from '../adapters/sessions/index.ts';
import type { SessionStore } from '../ports/index.ts';
import type { MatrixAuthOptions } from './options.ts';

interface StoredUnder {
  readonly store: SessionStore;
  readonly name: string;
}

interface KeeperContext extends StoredUnder {
  /** Whether requests wait for a new token. */
  readonly urgent: () => boolean;
}

/** The keeper of a session's tokens, as the options want it. */
export function makeKeeper(
  { loginBudget, onStoreDown = 'wait' }: Pick<MatrixAuthOptions<never>, 'loginBudget' | 'onStoreDown'>,
  { store, name, urgent }: KeeperContext,
): SessionKeeper {
  return new SessionKeeper({
    store,
    name,
    budget: loginBudget === undefined ? defaultLoginBudget : { ...defaultLoginBudget, ...loginBudget },
    ...(onStoreDown === 'wait' ? {} : { withoutStore: urgent }),
  });
}

interface LeadershipContext extends StoredUnder {
  readonly onChange: (leading: boolean) => void;
}

/** Elects the process that syncs, where the options want only one to. */
export function makeLeadership(
  { leader = false, leaseMs = 3_000 }: Pick<MatrixAuthOptions<never>, 'leader' | 'leaseMs'>,
  context: LeadershipContext,
): Leadership | undefined {
  return leader ? new Leadership({ ...context, leaseMs }) : undefined;
}

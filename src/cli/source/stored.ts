import { budgetAllowsAt, defaultLoginBudget, loginsIn } from '../../adapters/sessions/login-budget.ts';
import type { AuthSnapshot } from '../../observe/index.ts';
import {
  type LeaderRecord,
  type LoginsRecord,
  type OutboxRecord,
  type SessionRecord,
  viewOf,
} from '../../ports/index.ts';

/** What is stored under a session's name. */
export interface StoredRecords {
  readonly session: SessionRecord | undefined;
  readonly logins?: LoginsRecord | undefined;
  readonly leader?: LeaderRecord | undefined;
  readonly outbox?: OutboxRecord | undefined;
}

/** What may be shown of a stored session. */
export interface Stored
  extends Pick<
    AuthSnapshot,
    'userId' | 'deviceId' | 'generation' | 'fingerprint' | 'obtainedAt' | 'expiresAt'
  > {
  readonly found: boolean;
  /** There is a token, and it has not expired or can be refreshed. */
  readonly signedIn: boolean;
  readonly refreshable?: boolean;
  /** When the next login may be tried, with the default budget, in ms since the epoch. */
  readonly nextLoginAt: number;
  /** Of the processes that share the session, one leads. */
  readonly hasLeader: boolean;
  /** How many messages of `send()` wait; and when the oldest of them was queued, in ms since the epoch. */
  readonly outgoing: number;
  readonly outgoingSince?: number;
}

export function storedOf({ session: record, logins, leader, outbox }: StoredRecords, now: number): Stored {
  const view = record?.session === undefined ? undefined : viewOf(record.session);
  const alive = view?.expiresAt === undefined || view.expiresAt > now;
  const oldest = outbox?.messages.map(({ at }) => at).sort((a, b) => a - b)[0];
  return {
    found: record !== undefined,
    signedIn: view !== undefined && (alive || view.refreshable),
    ...(record?.deviceId === undefined ? {} : { deviceId: record.deviceId }),
    ...view,
    nextLoginAt: budgetAllowsAt(defaultLoginBudget, loginsIn(logins, record), now),
    outgoing: outbox?.messages.length ?? 0,
    ...(oldest === undefined ? {} : { outgoingSince: oldest }),
    hasLeader: leader !== undefined && leader.holder !== '',
  };
}

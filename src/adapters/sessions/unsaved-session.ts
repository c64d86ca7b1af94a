import { meaningOf } from '../../machines/auth/index.ts';
import type { SessionRecord, SessionStore, StoredSession } from '../../ports/index.ts';
import { attempt, type PendingWork } from './pending-work.ts';
import { RetryTimer } from './retry-timer.ts';
import {
  type CurrentSession,
  type Exchange,
  exchangeSession,
  type KeeperResult,
  type StoreFailure,
} from './session-renewal.ts';

/** Whether a renewal is to go on without the store now: requests wait for a new token. If not, it waits for the store. */
export type MayRenewWithoutStore = () => boolean;

export interface UnsavedSessionOptions {
  readonly store: SessionStore;
  readonly name: string;
  readonly inUse: CurrentSession;
  readonly pending: PendingWork;
  readonly mayRenewWithoutStore: MayRenewWithoutStore | undefined;
}

interface Pair {
  /** The generation that the store has instead. */
  readonly replaces: number;
  readonly session: StoredSession;
}

/**
 * A pair that the homeserver issued and the store could not write. It waits to be written; or, where that is wanted, it
 * is used all the same, and renewed without the store if need be, and written as soon as the store is back.
 */
export class UnsavedSession {
  readonly #options: UnsavedSessionOptions;
  #retrying: RetryTimer | undefined;
  #pair: Pair | undefined;
  /** Told of the store's session, when that turns out to be another than the one in use. */
  watcher: { onNewSession(session: StoredSession): void } | undefined;

  constructor(options: UnsavedSessionOptions) {
    this.#options = options;
  }

  get pair(): Pair | undefined {
    return this.#pair;
  }

  set pair(pair: Pair | undefined) {
    this.#pair = pair;
    this.#retrying?.stop();
  }

  /** The pair, if it is the session in use. */
  get used(): Pair | undefined {
    return this.#pair?.session === this.#options.inUse.session ? this.#pair : undefined;
  }

  /** Changes it, if it is the session in use; says whether it is. */
  amend(change: (session: StoredSession) => StoredSession): boolean {
    const { used } = this;
    if (used === undefined) return false;
    const session = change(used.session);
    this.#pair = { ...used, session };
    this.#options.inUse.use(session);
    return true;
  }

  /** After trouble with the store: the session is renewed without it, if that is wanted and can wait no longer. */
  async renewWithoutStore(
    generation: number,
    exchange: Exchange,
    trouble: KeeperResult,
    signal: AbortSignal,
  ): Promise<KeeperResult> {
    const current = this.#options.inUse.session;
    if (current === undefined || this.#options.mayRenewWithoutStore?.() !== true) return trouble;
    if (current.generation > generation) return { kind: 'adopted', session: current };
    const { used } = this;
    let session = this.#pair?.session;
    // One that was issued and could not be written is what is needed now; unless another process was first.
    if (session === undefined || session.generation <= current.generation) {
      const done = await exchangeSession(current, exchange, signal);
      if (done.kind === 'refused') {
        // Another process may have renewed it. Then the newer session is in the store, which is worth waiting for.
        return meaningOf(done.rejection) === 'refresh-dead' ? trouble : done;
      }
      session = done.session;
      this.#pair = { replaces: used?.replaces ?? current.generation, session };
    }
    this.#options.inUse.use(session);
    this.#retrying ??= new RetryTimer(() => this.#retry());
    this.#retrying.start();
    return { kind: 'renewed', session, ...(used === undefined && { unpersisted: true }) };
  }

  /** Writes it if it is in use, in its turn. Resolves with the store's session if that is another, and used from now on. */
  async saveInTurn(): Promise<StoredSession | undefined> {
    const result = await this.#options.pending.inTurn('a write', () => this.saveIfUsed());
    return result?.kind === 'adopted' ? result.session : undefined;
  }

  /** Writes it, if it is in use. Resolves with `undefined` if the session in use is stored. */
  async saveIfUsed(): Promise<KeeperResult | undefined> {
    return this.used === undefined ? undefined : this.save();
  }

  async save(): Promise<StoreFailure | { kind: 'adopted'; session: StoredSession } | undefined> {
    const pair = this.#pair;
    if (pair === undefined) return undefined;
    const used = this.used !== undefined;
    const { store, name } = this.#options;
    const outcome = await attempt(() =>
      store.update(name, 'session', (record) => savedRecord(record, pair, used)),
    );
    if ('kind' in outcome) return outcome;
    const amended = this.#pair;
    this.pair = undefined;
    const session = outcome.value;
    if (!used || session === undefined) return undefined;
    if (amended !== pair && session === pair.session) {
      this.#pair = amended && { ...amended, replaces: session.generation };
      return this.save();
    }
    this.#options.inUse.use(session);
    return session.generation > pair.session.generation ? { kind: 'adopted', session } : undefined;
  }

  async #retry(): Promise<void> {
    // A failure is met again at the next renewal, where somebody hears of it.
    const newer = await this.saveInTurn().catch(() => undefined);
    if (newer !== undefined) this.watcher?.onNewSession(newer);
  }

  stopRetrying(): void {
    this.#retrying?.stop();
  }
}

/**
 * The record with the pair in it. The result is the session that counts from now on; none, if it was deleted.
 *
 * Where another process has renewed the same session meanwhile, only one of the two is alive, and the homeserver alone
 * knows which. The stored one is used, as it is what the other processes use, with the refresh token of the pair as
 * `previous`: should the stored one be the dead one, its next renewal finds the other.
 */
export function savedRecord(
  record: SessionRecord | undefined,
  { replaces, session }: Pair,
  used: boolean,
): { record?: SessionRecord; result: StoredSession | undefined } {
  const stored = record?.session;
  // Somebody deleted it; or there never was one.
  if (stored === undefined) {
    return replaces === 0 ? { record: { ...record, session }, result: session } : { result: undefined };
  }
  if (stored.generation <= replaces) return { record: { ...record, session }, result: session };
  // Its commit was lost on the way here.
  if (stored.accessToken.equals(session.accessToken)) return { result: stored };
  if (!used || session.refreshToken === undefined) return { result: stored };
  const both = {
    ...stored,
    generation: Math.max(stored.generation, session.generation) + 1,
    previous: session.refreshToken,
  };
  return { record: { ...record, session: both }, result: both };
}

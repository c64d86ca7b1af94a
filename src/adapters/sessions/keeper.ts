import type {
  Answer,
  Credentials,
  Secret,
  SessionRecord,
  SessionStore,
  StoredSession,
  TokenGrant,
} from '../../ports/index.ts';
import { type Exchange, exchanged } from './exchanged.ts';
import { wasGiven, withGiven } from './given-tokens.ts';
import { InUse } from './in-use.ts';
import type { KeeperResult } from './keeper-result.ts';
import { budgetAllowsAt, type LoginBudget, withinReach, withLogin } from './login-budget.ts';
import { renewedSession } from './renewed-session.ts';
import { Transactions } from './transactions.ts';
import { Unwritten, type WithoutStore } from './unwritten.ts';

export interface KeeperOptions {
  readonly store: SessionStore;
  /** The record's name in the store. */
  readonly name: string;
  readonly budget: LoginBudget;
  /** Renew the session without the store, if that is away and requests wait. Default: wait for the store. */
  readonly withoutStore?: WithoutStore;
}

type LogIn = (deviceId: string) => Promise<Answer<TokenGrant>>;

interface WantedDevice {
  readonly wanted?: string | undefined;
  /** Where none is wanted, and none is stored. */
  readonly otherwise: string;
}

/**
 * Holds the tokens of one session and changes them only by a transaction of its store: lock, re-read, adopt what is
 * newer, else exchange and write, and only then use. The same few steps serve one process, many processes on one
 * machine, and many machines, and survive a kill at any point.
 */
export class SessionKeeper {
  readonly #store: SessionStore;
  readonly #name: string;
  readonly #budget: LoginBudget;
  readonly #transactions: Transactions;
  readonly #inUse = new InUse();
  readonly #unwritten: Unwritten;
  /** A pair that is being written: the store may tell of it before its commit has returned. */
  #committing: StoredSession | undefined;

  constructor({ store, name, budget, withoutStore }: KeeperOptions) {
    this.#store = store;
    this.#name = name;
    this.#budget = budget;
    this.#transactions = new Transactions(store, name);
    this.#unwritten = new Unwritten(this.#inUse, this.#transactions, withoutStore);
  }

  /** The session in use, with its tokens. */
  get current(): StoredSession | undefined {
    return this.#inUse.session;
  }

  /** Whether this is the fingerprint of a token of this session, of now or of the recent past. */
  isOurs(fingerprint: string): boolean {
    return this.#inUse.isOurs(fingerprint);
  }

  /**
   * The stored session, or the given token where there is none or where the given one is new. A given token is taken
   * once: after it was renewed, the stored session is the newer truth, although the environment still has the old.
   * @throws {SessionStoreError}
   */
  async restore(given: Credentials | undefined, now: number): Promise<StoredSession | undefined> {
    const { accessToken: token, refreshToken, deviceId }: Credentials = given ?? {};
    const stored = await this.#store.read(this.#name);
    if (token === undefined || wasGiven(stored, token)) {
      this.#inUse.use(stored?.session);
      return this.current;
    }
    this.#inUse.use(
      await this.#transactions.transact(async (record) => {
        if (wasGiven(record, token)) return { result: record?.session };
        const session: StoredSession = {
          ...(deviceId === undefined ? {} : { deviceId }),
          generation: (record?.session?.generation ?? 0) + 1,
          accessToken: token,
          ...(refreshToken === undefined ? {} : { refreshToken }),
          obtainedAt: now,
        };
        return { record: { ...record, session, given: withGiven(record, token) }, result: session };
      }),
    );
    return this.current;
  }

  /**
   * The stored session that a given token would replace; `undefined` if there is none, or if the token was taken before.
   * Such a token is a candidate: the stored session goes on until the homeserver has taken the other.
   * @throws {SessionStoreError}
   */
  async replacedBy(token: Secret): Promise<StoredSession | undefined> {
    const stored = await this.#store.read(this.#name);
    return wasGiven(stored, token) ? undefined : stored?.session;
  }

  /** Exchanges the refresh token of `generation`, unless the store holds a newer session. */
  rotate(generation: number, exchange: Exchange): Promise<KeeperResult> {
    return this.#transactions.inTurn(async () => {
      const result =
        (await this.#unwritten.writeIfUsed()) ??
        (await this.#renew(generation, async (record, session) => {
          const done = await exchanged(session, exchange);
          return done.kind === 'renewed'
            ? { record: { ...record, session: done.session }, result: done }
            : { result: done };
        }));
      return result.kind === 'trouble' ? this.#unwritten.goOn(generation, exchange, result) : result;
    });
  }

  /**
   * Logs in, unless the store holds a session newer than `generation`. The device and the attempt are written before
   * the request is sent, so that a crash loop neither adds devices nor exhausts the homeserver's login limit.
   */
  logIn(generation: number, device: WantedDevice, login: LogIn): Promise<KeeperResult> {
    return this.#transactions.inTurn(
      async () => (await this.#unwritten.writeIfUsed()) ?? (await this.#logIn(generation, device, login)),
    );
  }

  async #logIn(generation: number, { wanted, otherwise }: WantedDevice, login: LogIn): Promise<KeeperResult> {
    const deviceOf = (record: SessionRecord | undefined) =>
      wanted ?? record?.session?.deviceId ?? record?.deviceId ?? otherwise;
    const booked = await this.#transactions.attempt<number | undefined>(async (record) => {
      const now = Date.now();
      const allowedAt = budgetAllowsAt(this.#budget, record, now);
      const stored = record?.session?.generation ?? 0;
      // Nothing will be asked of the homeserver: there is a newer session, in the store or still to be written.
      if (stored > generation || stored === this.#unwritten.pair?.replaces) return { result: undefined };
      if (allowedAt > now) {
        const reached = withinReach(this.#budget, record ?? {}, now);
        return reached === record ? { result: allowedAt } : { record: reached, result: allowedAt };
      }
      return {
        record: { ...withLogin(this.#budget, record ?? {}, now), deviceId: deviceOf(record) },
        result: undefined,
      };
    });
    if ('kind' in booked) return booked;
    if (booked.value !== undefined) {
      return {
        kind: 'trouble',
        why: 'the login budget is spent, so as not to exhaust the login limit',
        notBefore: booked.value,
      };
    }
    return this.#renew(generation, async (record, session) => {
      const answer = await login(deviceOf(record));
      if (!answer.ok) {
        const { rejection } = answer;
        const loginNotBefore =
          rejection.retryAfterMs === undefined ? undefined : Date.now() + rejection.retryAfterMs;
        return {
          ...(loginNotBefore === undefined ? {} : { record: { ...record, loginNotBefore } }),
          result: { kind: 'refused', rejection },
        };
      }
      const next = renewedSession(session, answer.value, generation + 1, undefined);
      return { record: { ...record, session: next }, result: { kind: 'renewed', session: next } };
    });
  }

  /** The token of this generation works, so the refresh token that was spent for it is of no more use. */
  async confirm(generation: number): Promise<void> {
    if (this.current?.generation !== generation || this.current.previous === undefined) return;
    await this.#amend(generation, ({ previous: _, ...session }) => session);
  }

  /** What `whoami` said of the session in use. */
  async identify(generation: number, userId: string, deviceId: string | undefined): Promise<void> {
    const current = this.current;
    if (current?.generation !== generation) return;
    if (current.userId === userId && current.deviceId === deviceId) return;
    await this.#amend(generation, (session) => ({
      ...session,
      userId,
      ...(deviceId === undefined ? {} : { deviceId }),
    }));
  }

  /** How far the sync has come, as it is stored. */
  async position(): Promise<string | undefined> {
    return (await this.#store.read(this.#name))?.position;
  }

  async savePosition(position: string): Promise<void> {
    await this.#transactions.transact(async (record) => ({
      record: { ...record, position },
      result: undefined,
    }));
  }

  /** The stored session, if it is newer than the one in use. It is in use from then on. */
  async adoptNewer(): Promise<StoredSession | undefined> {
    if (this.#unwritten.used !== undefined) return this.#unwritten.writeInTurn();
    const stored = (await this.#store.read(this.#name))?.session;
    if (stored === undefined || stored.generation <= (this.current?.generation ?? 0)) return undefined;
    if (this.#committing?.accessToken.equals(stored.accessToken)) return undefined;
    this.#inUse.use(stored);
    return stored;
  }

  /** Calls back when another holder has renewed the session. */
  watch(onNewer: (session: StoredSession) => void, onError: (error: unknown) => void): () => void {
    this.#unwritten.onNewer = onNewer;
    const unwatch = this.#store.watch?.(this.#name, () => {
      this.adoptNewer().then((session) => session && onNewer(session), onError);
    });
    return () => {
      this.#unwritten.onNewer = undefined;
      unwatch?.();
    };
  }

  /** Resolves when nothing is being exchanged or written any more. */
  settled(): Promise<void> {
    return this.#transactions.settled();
  }

  /** {@link settled}; and what the store does not have yet is tried to be written once more. */
  async close(): Promise<void> {
    await this.settled();
    this.#unwritten.stopRetrying();
    await this.#transactions.inTurn(() => this.#unwritten.write());
  }

  async #renew(
    generation: number,
    work: (
      record: SessionRecord | undefined,
      session: StoredSession | undefined,
    ) => Promise<{ record?: SessionRecord; result: KeeperResult }>,
  ): Promise<KeeperResult> {
    const before = this.current;
    let issued: StoredSession | undefined;
    let replaces = 0;
    const outcome = await this.#transactions.attempt<KeeperResult>(async (record) => {
      const stored = record?.session;
      replaces = stored?.generation ?? 0;
      const { pair } = this.#unwritten;
      if (pair !== undefined && replaces === pair.replaces) {
        issued = pair.session;
        return { record: { ...record, session: issued }, result: { kind: 'renewed', session: issued } };
      }
      if (stored !== undefined && stored.generation > generation) {
        return { result: { kind: 'adopted', session: stored } };
      }
      const done = await work(record, stored);
      if (done.result.kind === 'renewed') issued = done.result.session;
      this.#committing = issued;
      return done;
    });
    this.#committing = undefined;
    if ('kind' in outcome) {
      if (issued !== undefined) this.#unwritten.pair = { replaces, session: issued };
      return outcome;
    }
    this.#unwritten.pair = undefined;
    const result = outcome.value;
    if (result.kind !== 'renewed' && result.kind !== 'adopted') return result;
    const { current } = this;
    // The store may have told of what another wrote after this, before this commit had returned.
    if (current !== undefined && current !== before && current.generation > result.session.generation) {
      return { kind: 'adopted', session: current };
    }
    this.#inUse.use(result.session);
    return result;
  }

  /** Changes the session in use, which has this generation. */
  async #amend(generation: number, change: (session: StoredSession) => StoredSession): Promise<void> {
    if (this.#unwritten.amend(change)) return;
    const amended = await this.#transactions.transact(async (record) => {
      if (record?.session?.generation !== generation) return { result: undefined };
      const session = change(record.session);
      return { record: { ...record, session }, result: session };
    });
    if (amended !== undefined && this.current?.generation === generation) this.#inUse.use(amended);
  }
}

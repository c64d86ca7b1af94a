import { meaningOf, type Rejection } from '../../machines/auth/index.ts';
import {
  type Answer,
  type Credentials,
  type Secret,
  type SessionRecord,
  type SessionStore,
  SessionStoreError,
  type StoredSession,
  type TokenGrant,
} from '../../ports/index.ts';
import { budgetAllowsAt, type LoginBudget, withLogin } from './login-budget.ts';
import { renewedSession } from './renewed-session.ts';

/** What came of an attempt to get a new token. */
export type KeeperResult =
  | { readonly kind: 'renewed' | 'adopted'; readonly session: StoredSession }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  | { readonly kind: 'trouble'; readonly why: string; readonly notBefore?: number }
  | { readonly kind: 'unusable'; readonly error: SessionStoreError };

export interface KeeperOptions {
  readonly store: SessionStore;
  /** The record's name in the store. */
  readonly name: string;
  readonly budget: LoginBudget;
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
  #current: StoredSession | undefined;
  /** A pair that the homeserver issued and the store could not write: it is written before anything else. */
  #unwritten: { readonly replaces: number; readonly session: StoredSession } | undefined;
  /** A pair that is being written: the store may tell of it before its commit has returned. */
  #committing: StoredSession | undefined;
  #pending = new Set<Promise<unknown>>();
  readonly #fingerprints = new Set<string>();

  constructor({ store, name, budget }: KeeperOptions) {
    this.#store = store;
    this.#name = name;
    this.#budget = budget;
  }

  /** The session in use, with its tokens. */
  get current(): StoredSession | undefined {
    return this.#current;
  }

  /** Whether this is the fingerprint of a token of this session, of now or of the recent past. */
  isOurs(fingerprint: string): boolean {
    return this.#fingerprints.has(fingerprint);
  }

  /**
   * The stored session, or the given token where there is none or where the given one is new. A given token is taken
   * once: after it was renewed, the stored session is the newer truth, although the environment still has the old.
   * @throws {SessionStoreError}
   */
  async restore(given: Credentials | undefined, now: number): Promise<StoredSession | undefined> {
    const token = given?.accessToken;
    const stored = await this.#store.read(this.#name);
    if (token === undefined || stored?.given === token.fingerprint()) {
      this.#use(stored?.session);
      return this.#current;
    }
    this.#use(
      await this.#transact(async (record) => {
        if (record?.given === token.fingerprint()) return { result: record.session };
        const session: StoredSession = {
          ...(given?.deviceId === undefined ? {} : { deviceId: given.deviceId }),
          generation: (record?.session?.generation ?? 0) + 1,
          accessToken: token,
          ...(given?.refreshToken === undefined ? {} : { refreshToken: given.refreshToken }),
          obtainedAt: now,
        };
        return { record: { ...record, session, given: token.fingerprint() }, result: session };
      }),
    );
    return this.#current;
  }

  /** Exchanges the refresh token of `generation`, unless the store holds a newer session. */
  rotate(
    generation: number,
    exchange: (refreshToken: Secret) => Promise<Answer<TokenGrant>>,
  ): Promise<KeeperResult> {
    return this.#renew(generation, async (record, session) => {
      if (session?.refreshToken === undefined) return { result: gone };
      let spent = session.refreshToken;
      let answer = await exchange(spent);
      // The pair that replaced `previous` never worked: a late refresh of another holder may have killed it.
      if (!answer.ok && session.previous !== undefined && meaningOf(answer.rejection) === 'refresh-dead') {
        spent = session.previous;
        answer = await exchange(spent);
      }
      if (!answer.ok) return { result: { kind: 'refused', rejection: answer.rejection } };
      const next = renewedSession(session, answer.value, session.generation + 1, spent);
      return { record: { ...record, session: next }, result: { kind: 'renewed', session: next } };
    });
  }

  /**
   * Logs in, unless the store holds a session newer than `generation`. The device and the attempt are written before
   * the request is sent, so that a crash loop neither adds devices nor exhausts the homeserver's login limit.
   */
  async logIn(
    generation: number,
    { wanted, otherwise }: { readonly wanted?: string | undefined; readonly otherwise: string },
    login: (deviceId: string) => Promise<Answer<TokenGrant>>,
  ): Promise<KeeperResult> {
    const deviceOf = (record: SessionRecord | undefined) =>
      wanted ?? record?.session?.deviceId ?? record?.deviceId ?? otherwise;
    const booked = await this.#attempt<number | undefined>(async (record) => {
      const now = Date.now();
      const allowedAt = Math.max(budgetAllowsAt(this.#budget, record, now), record?.loginNotBefore ?? 0);
      const stored = record?.session?.generation ?? 0;
      // Nothing will be asked of the homeserver: there is a newer session, in the store or still to be written.
      if (stored > generation || stored === this.#unwritten?.replaces) return { result: undefined };
      if (allowedAt > now) return { result: allowedAt };
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
      const next = renewedSession(
        session,
        answer.value,
        Math.max(session?.generation ?? 0, generation) + 1,
        undefined,
      );
      return { record: { ...record, session: next }, result: { kind: 'renewed', session: next } };
    });
  }

  /** The token of this generation works, so the refresh token that was spent for it is of no more use. */
  async confirm(generation: number): Promise<void> {
    if (this.#current?.generation !== generation || this.#current.previous === undefined) return;
    await this.#amend(generation, ({ previous: _, ...session }) => session);
  }

  /** What `whoami` said of the session in use. */
  async identify(generation: number, userId: string, deviceId: string | undefined): Promise<void> {
    const current = this.#current;
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
    await this.#transact(async (record) => ({ record: { ...record, position }, result: undefined }));
  }

  /** The stored session, if it is newer than the one in use. It is in use from then on. */
  async adoptNewer(): Promise<StoredSession | undefined> {
    const stored = (await this.#store.read(this.#name))?.session;
    if (stored === undefined || stored.generation <= (this.#current?.generation ?? 0)) return undefined;
    if (this.#committing?.accessToken.equals(stored.accessToken)) return undefined;
    this.#use(stored);
    return stored;
  }

  /** Calls back when another holder has renewed the session. */
  watch(onNewer: (session: StoredSession) => void, onError: (error: unknown) => void): () => void {
    return (
      this.#store.watch?.(this.#name, () => {
        this.adoptNewer().then((session) => session && onNewer(session), onError);
      }) ?? (() => {})
    );
  }

  /** Resolves when nothing is being exchanged or written any more. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  #use(session: StoredSession | undefined): void {
    this.#current = session;
    if (session === undefined) return;
    const fingerprint = session.accessToken.fingerprint();
    this.#fingerprints.delete(fingerprint);
    this.#fingerprints.add(fingerprint);
    // A client may hold on to a token for a while after it was replaced, but not for ever.
    const [oldest] = this.#fingerprints;
    if (this.#fingerprints.size > 32 && oldest !== undefined) this.#fingerprints.delete(oldest);
  }

  async #renew(
    generation: number,
    work: (
      record: SessionRecord | undefined,
      session: StoredSession | undefined,
    ) => Promise<{ record?: SessionRecord; result: KeeperResult }>,
  ): Promise<KeeperResult> {
    let issued: StoredSession | undefined;
    let replaces = 0;
    const outcome = await this.#attempt<KeeperResult>(async (record) => {
      const stored = record?.session;
      replaces = stored?.generation ?? 0;
      const unwritten = this.#unwritten;
      if (unwritten !== undefined && replaces === unwritten.replaces) {
        issued = unwritten.session;
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
      if (issued !== undefined) this.#unwritten = { replaces, session: issued };
      return outcome;
    }
    this.#unwritten = undefined;
    const result = outcome.value;
    if (result.kind === 'renewed' || result.kind === 'adopted') this.#use(result.session);
    return result;
  }

  async #amend(generation: number, change: (session: StoredSession) => StoredSession): Promise<void> {
    const amended = await this.#transact(async (record) => {
      if (record?.session?.generation !== generation) return { result: undefined };
      const session = change(record.session);
      return { record: { ...record, session }, result: session };
    });
    if (amended !== undefined && this.#current?.generation === generation) this.#use(amended);
  }

  /** A transaction whose failure is a result. */
  async #attempt<T>(
    work: (record: SessionRecord | undefined) => Promise<{ record?: SessionRecord; result: T }>,
  ): Promise<{ readonly value: T } | Extract<KeeperResult, { kind: 'trouble' | 'unusable' }>> {
    try {
      return { value: await this.#transact(work) };
    } catch (error) {
      if (error instanceof SessionStoreError) {
        return error.permanent ? { kind: 'unusable', error } : { kind: 'trouble', why: error.message };
      }
      throw error;
    }
  }

  #transact<T>(
    work: (record: SessionRecord | undefined) => Promise<{ record?: SessionRecord; result: T }>,
  ): Promise<T> {
    const transaction = this.#store.transact(this.#name, work);
    this.#pending.add(transaction);
    const done = () => this.#pending.delete(transaction);
    transaction.then(done, done);
    return transaction;
  }
}

/** The stored session went away, or lost its refresh token: nothing to exchange. */
const gone: KeeperResult = {
  kind: 'refused',
  rejection: { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
};

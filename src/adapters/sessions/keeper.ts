import type { Answer, Credentials, SessionStore, StoredSession, TokenGrant } from '../../ports/index.ts';
import { type AskWhoami, givenSession, GivenTokens } from './given-token.ts';
import { bookLogin, type LoginBudget, noteRetryAfter, tooEarly } from './login-budget.ts';
import { type EndSession, forgetSession, isLoggedOut, loggedOutUpTo } from './logout.ts';
import { migrateRecord } from './migrate-record.ts';
import { PendingWork, type Work } from './pending-work.ts';
import { PositionWriter } from './position-writer.ts';
import { type CallOptions, SessionRenewer } from './session-renewer.ts';
import {
  CurrentSession,
  type Exchange,
  exchangeSession,
  type KeeperResult,
  renewedSession,
} from './session-renewal.ts';
import { type MayRenewWithoutStore, UnsavedSession } from './unsaved-session.ts';

export interface KeeperOptions {
  readonly store: SessionStore;
  /** The session's name in the store. */
  readonly name: string;
  readonly budget: LoginBudget;
  /** How long to wait while another process renews the session, in ms. Default 15,000. */
  readonly claimWaitMs?: number;
  /** Renew the session without the store, if that is away and requests wait. Default: wait for the store. */
  readonly withoutStore?: MayRenewWithoutStore;
}

interface LogInOptions extends CallOptions {
  /** A person has approved it: it costs no login budget, and what they approved is not thrown away for one that is spent. */
  readonly attended?: boolean;
}

type LogIn = (deviceId: string, options: { readonly signal: AbortSignal }) => Promise<Answer<TokenGrant>>;

/** Who is told what other holders do to the session. */
export interface SessionWatcher {
  /** Another holder has renewed it. */
  onNewSession(session: StoredSession): void;
  /** Another holder has logged it out. */
  onLoggedOut(): void;
  /** The store could not be asked. */
  onError?(error: unknown): void;
}

interface WantedDevice {
  readonly wanted?: string | undefined;
  /** Where none is wanted, and none is stored. */
  readonly otherwise: string;
}

export interface Restored {
  readonly session: StoredSession | undefined;
  /** The given token is not in use, and may be tried when the session has come to its end. */
  readonly tokenGiven?: boolean;
  /** The given token is not in use, and a person should know. */
  readonly given?: 'refused' | 'someone-else';
}

/**
 * Holds the tokens of one session and changes them only so: claim, re-read, adopt what is newer, else exchange and write,
 * and only then use. What is written replaces only the generation that was exchanged. The same few steps serve one
 * process, many processes on one machine, and many machines, and survive a kill at any point.
 */
export class SessionKeeper {
  readonly #store: SessionStore;
  readonly #name: string;
  readonly #budget: LoginBudget;
  readonly #pending = new PendingWork();
  readonly #inUse = new CurrentSession();
  readonly #unsaved: UnsavedSession;
  readonly #positions: PositionWriter;
  readonly #given: GivenTokens;
  readonly #renewer: SessionRenewer;
  readonly #closing = new AbortController();

  constructor({ store, name, budget, claimWaitMs = 15_000, withoutStore }: KeeperOptions) {
    this.#store = store;
    this.#name = name;
    this.#budget = budget;
    this.#positions = new PositionWriter(store, name);
    this.#given = new GivenTokens(store, name, this.#inUse);
    this.#unsaved = new UnsavedSession({
      store,
      name,
      inUse: this.#inUse,
      pending: this.#pending,
      mayRenewWithoutStore: withoutStore,
    });
    this.#renewer = new SessionRenewer({
      ...{ store, name, claimWaitMs, inUse: this.#inUse, given: this.#given },
      ...{ pending: this.#pending, unsaved: this.#unsaved, closing: this.#closing },
    });
  }

  /** The session in use, with its tokens. */
  get current(): StoredSession | undefined {
    return this.#inUse.session;
  }

  /** Whether this is a token of this session, of now or of the recent past. */
  isOurs(bearer: string): boolean {
    return this.#inUse.isOurs(bearer);
  }

  /**
   * The stored session; or the given token, where nothing is stored, or where the homeserver says that it is the same
   * user's. A given token is written when the homeserver has confirmed it.
   * @throws {SessionStoreError}
   */
  async restore(given: Credentials, whoami: AskWhoami, { signal }: CallOptions = {}): Promise<Restored> {
    const { accessToken } = given;
    const { session: stored } = (await migrateRecord(this.#store, this.#name)) ?? {};
    const { current } = this;
    if (accessToken === undefined) {
      if (this.#unsaved.used === undefined) this.#inUse.use(stored);
      return { session: this.current };
    }
    if (stored === undefined) {
      if (current?.accessToken.equals(accessToken) !== true) {
        const newest = Math.max(current?.generation ?? 0, await loggedOutUpTo(this.#store, this.#name));
        this.#inUse.use(givenSession({ ...given, accessToken }, newest + 1));
        this.#given.candidate = accessToken;
      }
      return { session: this.current };
    }
    const outcome = await this.#given.compare(
      { ...given, accessToken },
      stored,
      whoami,
      this.#renewer.endOf(signal),
    );
    this.#inUse.use(outcome.kind === 'taken' ? outcome.session : stored);
    if (outcome.kind !== 'left') return { session: this.current };
    return {
      session: stored,
      ...(outcome.mayServe && { tokenGiven: true }),
      ...(outcome.given === undefined ? {} : { given: outcome.given }),
    };
  }

  /** Exchanges the refresh token of `generation`, unless the store holds a newer session. */
  rotate(generation: number, exchange: Exchange, options: CallOptions = {}): Promise<KeeperResult> {
    return this.#pending.inTurn('an exchange', async () => {
      const { signal } = this.#closing;
      const result =
        (await this.#unsaved.saveIfUsed()) ??
        (await this.#renewer.renew(generation, options, async (_, session) =>
          exchangeSession(session, exchange, signal),
        ));
      return result.kind === 'trouble'
        ? this.#unsaved.renewWithoutStore(generation, exchange, result, signal)
        : result;
    });
  }

  /**
   * Logs in, unless the store holds a session newer than `generation`. The device and the attempt are written before
   * the request is sent, so that a crash loop neither adds devices nor exhausts the homeserver's login limit.
   */
  logIn(
    generation: number,
    { wanted, otherwise }: WantedDevice,
    login: LogIn,
    { attended = false, ...options }: LogInOptions = {},
  ): Promise<KeeperResult> {
    return this.#pending.inTurn('a login', async () => {
      const unsaved = await this.#unsaved.saveIfUsed();
      if (unsaved !== undefined) return unsaved;
      return this.#renewer.renew(generation, options, async (record, session, newest) => {
        const wait = attended ? undefined : await bookLogin(this.#store, this.#name, this.#budget, record);
        if (wait !== undefined) return tooEarly(wait);
        const deviceId = wanted ?? session?.deviceId ?? record?.deviceId ?? otherwise;
        await this.#store.update(this.#name, 'session', (found) =>
          found?.deviceId === deviceId
            ? { result: undefined }
            : { record: { ...found, deviceId }, result: undefined },
        );
        const answer = await login(deviceId, { signal: this.#closing.signal });
        if (answer.ok) {
          return {
            kind: 'renewed',
            session: renewedSession(session, answer.value, newest + 1, undefined),
          };
        }
        await noteRetryAfter(this.#store, this.#name, answer.rejection.retryAfterMs);
        return { kind: 'refused', rejection: answer.rejection };
      });
    });
  }

  /** What `whoami` said of the session in use. A given token is stored now. */
  async identify(generation: number, userId: string, deviceId: string | undefined): Promise<void> {
    const { current } = this;
    if (current?.generation !== generation) return;
    const identified = { ...current, userId, ...(deviceId === undefined ? {} : { deviceId }) };
    if (await this.#given.storeCandidate(identified)) return;
    if (current.userId === userId && current.deviceId === identified.deviceId) return;
    await this.#amend(generation, (session) => ({
      ...session,
      userId,
      ...(deviceId === undefined ? {} : { deviceId }),
    }));
  }

  /** How far the sync has come, and how it is written. */
  get position(): PositionWriter {
    return this.#positions;
  }

  /** The stored session, if it is newer than the one in use. It is in use from then on. */
  async adoptNewer(): Promise<StoredSession | undefined> {
    if (this.#unsaved.used !== undefined) return this.#unsaved.saveInTurn();
    const stored = (await this.#store.read(this.#name, 'session'))?.session;
    if (stored === undefined || stored.generation <= (this.current?.generation ?? 0)) return undefined;
    if (this.#renewer.isWriting(stored)) return undefined;
    this.#inUse.use(stored);
    return stored;
  }

  /** Calls back when another holder has renewed the session, or logged it out. */
  watch(watcher: SessionWatcher): () => void {
    this.#unsaved.watcher = watcher;
    const unwatch = this.#store.watch?.(this.#name, () => {
      this.#look(watcher).catch((error: unknown) => watcher.onError?.(error));
    });
    return () => {
      this.#unsaved.watcher = undefined;
      unwatch?.();
    };
  }

  async #look(watcher: SessionWatcher): Promise<void> {
    const session = await this.adoptNewer();
    if (session !== undefined) watcher.onNewSession(session);
    else if (await isLoggedOut(this.#store, this.#name, this.current?.generation ?? 0)) watcher.onLoggedOut();
  }

  /** Deletes all that is stored of the session, which is in use no more. */
  async forget(end?: EndSession): Promise<void> {
    const { current } = this;
    this.#unsaved.pair = undefined;
    this.#given.candidate = undefined;
    this.#positions.forget();
    this.#inUse.use(undefined);
    await forgetSession(this.#store, this.#name, current, end);
  }

  /** Resolves when nothing is being exchanged or written any more. */
  settled(): Promise<void> {
    return this.#pending.settled();
  }

  /**
   * Waits for what is under way, for so many ms (default 5,000); then ends it, and says what it was. What the store does
   * not have yet is tried to be written once more.
   */
  async close({ withinMs = 5_000 }: { readonly withinMs?: number } = {}): Promise<{
    readonly left: readonly Work[];
  }> {
    const late = Promise.withResolvers<true>();
    const timer = setTimeout(late.resolve, withinMs, true);
    const finished = async () => {
      await this.settled();
      this.#unsaved.stopRetrying();
      await this.#pending.inTurn('a write', async () => {
        await this.#unsaved.save();
        await this.#positions.flush();
      });
      return false;
    };
    const isLate = await Promise.race([finished(), late.promise]);
    clearTimeout(timer);
    const left = isLate ? this.#pending.left : [];
    this.#unsaved.stopRetrying();
    this.#closing.abort();
    return { left };
  }

  /** Changes the session in use, which has this generation. */
  async #amend(generation: number, change: (session: StoredSession) => StoredSession): Promise<void> {
    if (this.#unsaved.amend(change)) return;
    const amended = await this.#pending.note(
      'a write',
      this.#store.update(this.#name, 'session', (record) => {
        if (record?.session?.generation !== generation) return { result: undefined };
        const session = change(record.session);
        return { record: { ...record, session }, result: session };
      }),
    );
    if (amended !== undefined && this.current?.generation === generation) this.#inUse.use(amended);
  }
}

import type { SessionRecord, SessionStore, StoredSession } from '../../ports/index.ts';
import type { GivenTokens } from './given-token.ts';
import { loggedOutUpTo } from './logout.ts';
import { attempt, type PendingWork } from './pending-work.ts';
import type { CurrentSession, KeeperResult } from './session-renewal.ts';
import { savedRecord, type UnsavedSession } from './unsaved-session.ts';

export interface RenewerOptions {
  readonly store: SessionStore;
  readonly name: string;
  readonly claimWaitMs: number;
  readonly inUse: CurrentSession;
  readonly given: GivenTokens;
  readonly pending: PendingWork;
  readonly unsaved: UnsavedSession;
  /** Aborts when the keeper is closed. */
  readonly closing: AbortController;
}

export interface CallOptions {
  /** Ends the wait for another process. What was sent to the homeserver goes on. */
  readonly signal?: AbortSignal;
}

/** Renews a session under its claim, which nothing but another renewal waits for. */
export class SessionRenewer {
  readonly #options: RenewerOptions;
  /** A pair that is being written: the store may tell of it before the write has returned. */
  #committing: StoredSession | undefined;

  constructor(options: RenewerOptions) {
    this.#options = options;
  }

  /** Whether this is what is being written just now. */
  isWriting(session: StoredSession): boolean {
    return this.#committing?.accessToken.equals(session.accessToken) === true;
  }

  /**
   * Claims the session and reads it anew; adopts what is newer than `generation`, else does `work` and writes what came of
   * it. Only then is it used.
   */
  async renew(
    generation: number,
    { signal }: CallOptions,
    work: (
      record: SessionRecord | undefined,
      session: StoredSession | undefined,
      /** Whatever is issued has a later one. */
      newest: number,
    ) => Promise<KeeperResult>,
  ): Promise<KeeperResult> {
    const { inUse, given } = this.#options;
    const before = inUse.session;
    let issued: StoredSession | undefined;
    let replaces = 0;
    const outcome = await attempt(() =>
      this.#claimed(signal, async (lost): Promise<KeeperResult> => {
        const record = await this.#options.store.read(this.#options.name, 'session');
        const stored = record?.session;
        replaces = stored?.generation ?? 0;
        const { pair } = this.#options.unsaved;
        if (pair !== undefined && replaces === pair.replaces) issued = pair.session;
        else if (stored !== undefined && stored.generation > generation) {
          return { kind: 'adopted', session: stored };
        } else {
          const candidate = given.candidate === undefined ? undefined : inUse.session;
          const ended =
            stored === undefined ? await loggedOutUpTo(this.#options.store, this.#options.name) : 0;
          const isOver = inUse.session !== undefined && inUse.session.generation <= ended;
          if (isOver && candidate === undefined) return { kind: 'logged-out' };
          if (lost()) return { kind: 'trouble', why: 'another process has taken the session over' };
          const done = await work(record, stored ?? candidate, Math.max(generation, ended));
          if (done.kind === 'refused') return (await this.#newerThan(replaces)) ?? done;
          if (done.kind !== 'renewed') return done;
          issued = done.session;
        }
        const session = issued;
        this.#committing = session;
        // Where the claim was lost meanwhile, another generation may be there; then that one counts.
        const saved = await this.#options.store.update(this.#options.name, 'session', (found) =>
          savedRecord(found, { replaces, session }, false),
        );
        return saved === undefined || saved.accessToken.equals(session.accessToken)
          ? { kind: 'renewed', session }
          : { kind: 'adopted', session: saved };
      }),
    );
    this.#committing = undefined;
    if ('kind' in outcome) {
      if (issued !== undefined) this.#options.unsaved.pair = { replaces, session: issued };
      return outcome;
    }
    const result = outcome.value;
    if (result.kind === 'renewed' || result.kind === 'adopted') this.#options.unsaved.pair = undefined;
    if (result.kind !== 'renewed' && result.kind !== 'adopted') return result;
    await given.noteCandidate();
    const current = inUse.session;
    // The store may have told of what another wrote after this, before this write had returned.
    if (current !== undefined && current !== before && current.generation > result.session.generation) {
      return { kind: 'adopted', session: current };
    }
    inUse.use(result.session);
    return result;
  }

  /** What another process has written since the session was read: a refusal may have been of what that one replaced. */
  async #newerThan(generation: number): Promise<KeeperResult | undefined> {
    const stored = (await this.#options.store.read(this.#options.name, 'session'))?.session;
    return stored !== undefined && stored.generation > generation
      ? { kind: 'adopted', session: stored }
      : undefined;
  }

  /** Runs `work` while the session is claimed. */
  async #claimed<T>(signal: AbortSignal | undefined, work: (lost: () => boolean) => Promise<T>) {
    const claim = await this.#claim(signal);
    if (claim === undefined) return { kind: 'trouble', why: 'it was given up' } as const;
    const release = () => void claim.release();
    // Not even a request that hangs keeps it, once this is closed.
    this.#options.closing.signal.addEventListener('abort', release);
    try {
      return await work(() => claim.lost.aborted);
    } finally {
      this.#options.closing.signal.removeEventListener('abort', release);
      void this.#options.pending.note('a write', claim.release());
    }
  }

  async #claim(signal: AbortSignal | undefined) {
    const ended = this.endOf(signal);
    try {
      return await this.#options.store.claim(this.#options.name, {
        waitAtMostMs: this.#options.claimWaitMs,
        signal: ended,
      });
    } catch (error) {
      if (ended.aborted) return undefined;
      throw error;
    }
  }

  /** Aborts with the signal, and when this is closed. */
  endOf(signal: AbortSignal | undefined): AbortSignal {
    const { signal: closing } = this.#options.closing;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }
}

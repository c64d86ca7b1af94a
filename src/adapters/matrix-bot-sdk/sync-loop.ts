import type { ClientSession } from '../../ports/index.ts';
import {
  askUntilAnswered,
  callAll,
  fillGaps,
  firstSync,
  markRepeated,
  pause,
  type SyncAnswer,
  SyncTroubleReport,
  uncachedTimeoutMs,
} from '../sync/index.ts';
import { type BotSdkClient, type ClientInternals, type Emit, internalsOf } from './bot-client.ts';
import { type BotHandlers, handlersOf, type MatrixEvent } from './handlers.ts';
import type { BotProgress } from './progress.ts';

export interface SyncLoopOptions<Client> {
  readonly session: ClientSession;
  readonly progress: BotProgress;
  readonly handlers: BotHandlers<Client>;
  /** As the SDK's `start` takes it. */
  readonly filter: object | undefined;
  readonly maxGapEvents: number;
}

/** How much longer than the homeserver was asked to wait a request may take. */
const GRACE_MS = 30_000;

/** An answer that the SDK fails to process is given to it again so many times. */
const PROCESSING_TRIES = 3;

/**
 * The sync loop of one client, in place of the SDK's own, which waits up to 15 s after any failure, cannot be ended
 * while it waits for an answer, and takes what its listeners throw for a failed sync. What is in an answer is left to the SDK.
 */
export class SyncLoop<Client extends BotSdkClient> {
  readonly #client: Client;
  readonly #internals: ClientInternals;
  readonly #options: SyncLoopOptions<Client>;
  readonly #report: SyncTroubleReport;
  readonly #end = new AbortController();
  readonly #caughtUp = Promise.withResolvers<void>();
  #emit: Emit | null = null;
  #over: Promise<void> = Promise.resolve();

  constructor(client: Client, options: SyncLoopOptions<Client>) {
    this.#client = client;
    this.#internals = internalsOf(client);
    this.#options = options;
    this.#report = new SyncTroubleReport(false, options.session.onTrouble);
    this.#internals.startSync = async (emit = null) => {
      this.#emit = emit;
    };
  }

  /** Resolves when the client has caught up with the homeserver once. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** It will go on by itself. */
  get alive(): boolean {
    return !this.#end.signal.aborted && !this.#internals.stopSyncing;
  }

  /** Begins to ask, once the SDK has started the client. */
  begin(): void {
    if (this.#end.signal.aborted) return;
    this.#over = this.#run(this.#end.signal).catch(() => undefined);
  }

  /** Asks no more; resolves when what has come is delivered, or waits for what was delivered before. */
  async end(reason: unknown): Promise<void> {
    this.#end.abort(reason);
    this.#report.close();
    await this.#over;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { progress } = this.#options;
    for (let timeoutMs = 0; this.alive; timeoutMs = Math.max(0, this.#client.syncingTimeout)) {
      const answer = await this.#next(timeoutMs, signal);
      this.#report.end();
      progress.received(answer);
      await this.#deliver(answer);
      this.#caughtUp.resolve();
      await progress.deliveries.roomForMore();
    }
  }

  /** The next answer, with its gaps filled. @throws the signal's reason */
  #next(timeoutMs: number, signal: AbortSignal): Promise<SyncAnswer> {
    const { session, progress, maxGapEvents } = this.#options;
    const { lastEvents, invitations } = progress;
    let since = progress.position;
    return askUntilAnswered({
      signal,
      report: this.#report,
      ask: async () => {
        since = progress.position ?? (await this.#beginAnew(signal));
        const response = await this.#ask(since, timeoutMs, signal);
        if (response.status !== 400 || !progress.resumed) return response;
        // The homeserver does not know the position that an earlier process has stored.
        await response.body?.cancel();
        since = await this.#beginAnew(signal);
        return this.#ask(since, timeoutMs, signal);
      },
      complete: async (answer) => {
        signal.throwIfAborted();
        await fillGaps(answer, since ?? '', {
          userId: session.userId,
          homeserverUrl: session.homeserverUrl,
          fetch: session.fetch,
          signal,
          maxEvents: maxGapEvents,
          lastEventOf: (roomId) => lastEvents.of(roomId),
        });
        if (invitations.pending) invitations.addTo(answer);
        if (progress.repeats(since ?? '')) markRepeated(answer);
      },
    });
  }

  #ask(since: string, timeoutMs: number, signal: AbortSignal): Promise<Response> {
    const { session, progress } = this.#options;
    const { filterId, syncingPresence } = this.#internals;
    const query = new URLSearchParams({
      since,
      timeout: String(progress.repeats(since) ? uncachedTimeoutMs() : timeoutMs),
      ...(filterId ? { filter: String(filterId) } : {}),
      ...(syncingPresence ? { set_presence: syncingPresence } : {}),
    });
    return session.fetch(`${session.homeserverUrl}/_matrix/client/v3/sync?${query}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs + GRACE_MS)]),
    });
  }

  /** The initial sync, whose messages are no news. @returns its position */
  async #beginAnew(signal: AbortSignal): Promise<string> {
    const { session, progress, filter } = this.#options;
    const first = await firstSync({
      homeserverUrl: session.homeserverUrl,
      fetch: session.fetch,
      filter: structuredClone(filter ?? {}),
      // Enough to know where a gap ends.
      limit: 1,
      lazyLoadMembers: true,
      signal,
      onTrouble: session.onTrouble,
    });
    await progress.beginWith(first);
    return first.next_batch;
  }

  async #deliver(answer: SyncAnswer): Promise<void> {
    const { progress, session } = this.#options;
    const delivery = progress.deliveries.begin();
    const hand: Emit = async (type, ...args) => {
      const roomId = typeof args[0] === 'string' ? args[0] : '';
      const event = args[roomId === '' ? 0 : 1] as Partial<MatrixEvent> | undefined;
      if (type === 'room.message' && event?.sender !== session.userId) session.onMessage?.();
      // The SDK tells of one event under several names; what nobody listens for is not to be waited for.
      if (this.#listeners(type, args).length === 0) return;
      delivery.hand({ roomId, type, eventId: event?.event_id }, () => callAll(this.#listeners(type, args)));
    };
    let handed = 0;
    for (let attempt = 1; ; attempt += 1) {
      let skip = handed;
      try {
        await this.#internals.processSync(answer, async (...event) => {
          if (skip > 0) {
            skip -= 1;
            return;
          }
          handed += 1;
          await hand(...event);
        });
        break;
      } catch (error) {
        session.onTrouble?.({ code: 'handler-failed', roomId: '', type: '/sync', error });
        if (attempt === PROCESSING_TRIES) break;
        await pause(1_000 * attempt, new AbortController().signal);
      }
    }
    progress.invitations.delivered();
    delivery.close(answer.next_batch);
  }

  /** Those who listen for this, ready to be called. */
  #listeners(type: string, args: readonly unknown[]): (() => unknown)[] {
    const emit = this.#emit;
    const listeners =
      emit === null
        ? this.#client.rawListeners(type).map((listener) => () => Reflect.apply(listener, this.#client, args))
        : [() => emit(type, ...args)];
    return [...listeners, ...this.#ownHandlers(type, args)];
  }

  #ownHandlers(type: string, args: readonly unknown[]): (() => unknown)[] {
    const { handlers, session } = this.#options;
    const [roomId, event] = args as [string, MatrixEvent];
    return handlersOf(handlers, type, session.userId, { client: this.#client, roomId, event });
  }
}

import type { ClientSession } from '../../ports/index.ts';
import { Deliveries, LastEvents, PendingInvitations, type SyncAnswer } from '../sync/index.ts';

/** The part of a storage provider of the SDK that keeps a position. */
export interface PositionStorage {
  getSyncToken(): string | null | undefined | Promise<string | null | undefined>;
  setSyncToken(token: string | null): unknown;
}

/** How far the sync has come. It outlives the clients, so that the next one goes on from there. */
export class Progress {
  readonly lastEvents = new LastEvents();
  readonly invitations = new PendingInvitations();
  readonly deliveries: Deliveries;
  #session: ClientSession | undefined;
  #storage: PositionStorage | undefined;
  #position: string | undefined;
  /** The position is one that an earlier process has stored, and the homeserver has not taken it yet. */
  #resumed = false;

  constructor(handlerTimeoutMs: number) {
    this.deliveries = new Deliveries({
      handlerTimeoutMs,
      onTrouble: (trouble) => this.#session?.onTrouble?.(trouble),
      onHandled: (position) => this.#save(position),
    });
  }

  /** The `since` of the next request; `undefined` before the first. */
  get position(): string | undefined {
    return this.#position;
  }

  get resumed(): boolean {
    return this.#resumed;
  }

  /** From now on positions are saved with this session, and where the SDK looks for them without this module. */
  serve(session: ClientSession, storage: PositionStorage): void {
    this.#session = session;
    this.#storage = storage;
  }

  resumeAt(position: string): void {
    this.#position = position;
    this.#resumed = true;
  }

  /** The initial sync: what is in it is the past. */
  beginWith(first: SyncAnswer): void {
    // Invitations that are still to be delivered would be lost to the next process.
    this.invitations.takeFrom(first);
    this.received(first);
    if (!this.invitations.pending) this.#save(first.next_batch);
  }

  /** An answer has come, and is to be delivered now. */
  received(answer: SyncAnswer): void {
    this.#resumed = false;
    this.#position = answer.next_batch;
    this.lastEvents.add(answer);
  }

  #save(position: string): void {
    this.#session?.position.save(position);
    try {
      // The session store counts; a storage that fails costs nothing as long as the bot has that.
      Promise.resolve(this.#storage?.setSyncToken(position)).catch(() => undefined);
    } catch {
      // The same.
    }
  }
}

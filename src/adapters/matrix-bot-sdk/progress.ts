import type { ClientSession } from '../../ports/index.ts';
import { LastEvents, Progress, type SyncAnswer } from '../sync/index.ts';

/** The part of a storage provider of the SDK that keeps a position. */
export interface PositionStorage {
  getSyncToken(): string | null | undefined | Promise<string | null | undefined>;
  setSyncToken(token: string | null): unknown;
}

/** How far the sync has come, by the session store, and where the SDK looks for it without this module. */
export class BotProgress extends Progress {
  readonly lastEvents = new LastEvents();
  #storage: PositionStorage | undefined;
  #position: string | undefined;
  /** The position is one that an earlier process has stored, and the homeserver has not taken it yet. */
  #resumed = false;

  /** The `since` of the next request; `undefined` before the first. */
  get position(): string | undefined {
    return this.#position;
  }

  get resumed(): boolean {
    return this.#resumed;
  }

  /** Another process goes on from here; where that has come, the store will say. */
  forget(): void {
    this.#position = undefined;
  }

  /** Finds where an earlier process has stopped. @throws {SessionStoreError} */
  async find(session: ClientSession, storage: PositionStorage, resume: boolean): Promise<void> {
    this.serve(session);
    this.#storage = storage;
    if (this.#position !== undefined) return;
    const stored = await this.open(resume);
    const position = stored ?? (resume ? await storage.getSyncToken() : undefined);
    if (!position) return;
    // The SDK's storage does not say how its process has ended.
    if (stored === undefined) this.doubt(position);
    this.#position = position;
    this.#resumed = true;
  }

  /** The initial sync: what is in it is the past. @throws {SessionStoreError} */
  async beginWith(first: SyncAnswer): Promise<void> {
    this.invitations.takeFrom(first);
    this.received(first);
    await this.begin(first.next_batch);
  }

  /** An answer has come, and is to be delivered now. */
  received(answer: SyncAnswer): void {
    this.#resumed = false;
    this.#position = answer.next_batch;
    this.lastEvents.add(answer);
    this.moved();
  }

  override handled(position: string): void {
    super.handled(position);
    try {
      // The session store counts; a storage that fails costs nothing as long as the bot has that.
      Promise.resolve(this.#storage?.setSyncToken(position)).catch(() => undefined);
    } catch {
      // The same.
    }
  }
}

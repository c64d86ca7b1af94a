import { type ISyncResponse, MemoryStore, SyncAccumulator } from 'matrix-js-sdk';
import { LastEvents } from '../sync/index.ts';

type SavedSync = Awaited<ReturnType<MemoryStore['getSavedSync']>>;

/**
 * What `/sync` has brought so far: the position, and the state of the rooms. It outlives a client, so that the next
 * one goes on from where the last one stopped, with its rooms as they were.
 */
export class SyncArchive {
  readonly #accumulator = new SyncAccumulator();
  readonly #lastEvents = new LastEvents();
  #position: string | undefined;

  /** The `since` of the next sync; `undefined` before the first. */
  get position(): string | undefined {
    return this.#position;
  }

  /** The newest event of a room that was received; `undefined` for a room that was not joined before. */
  lastEventOf(roomId: string): string | undefined {
    return this.#lastEvents.of(roomId);
  }

  add(response: ISyncResponse): void {
    this.#accumulator.accumulate(response);
    this.#position = response.next_batch;
    this.#lastEvents.add(response);
  }

  saved(): SavedSync {
    if (this.#position === undefined) return null;
    const { nextBatch, roomsData, accountData } = this.#accumulator.getJSON();
    // The SDK writes into the events it is given, and the next client must get them as they came.
    return structuredClone({ nextBatch, roomsData, accountData });
  }
}

/** The SDK's store in memory, whose saved sync is the archive. */
export class ArchiveStore extends MemoryStore {
  readonly #archive: SyncArchive;
  readonly #onDelivered: (response: ISyncResponse) => void;

  /** @param onDelivered called when a response of `/sync` was delivered to the bot's listeners */
  constructor(archive: SyncArchive, onDelivered: (response: ISyncResponse) => void) {
    super();
    this.#archive = archive;
    this.#onDelivered = onDelivered;
  }

  override getSavedSync(): Promise<SavedSync> {
    return Promise.resolve(this.#archive.saved());
  }

  override getSavedSyncToken(): Promise<string | null> {
    return Promise.resolve(this.#archive.position ?? null);
  }

  override setSyncData(response: ISyncResponse): Promise<void> {
    this.#onDelivered(response);
    return Promise.resolve();
  }
}

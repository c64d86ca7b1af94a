import type { OutboxRecord, QueuedMessage, SessionStore } from '../../ports/index.ts';
import type { SentIds } from './sent-ids.ts';

/** Changes that one write brings to the store. */
interface Changes {
  readonly added: Map<string, QueuedMessage>;
  readonly removed: Set<string>;
  readonly sent: { id: string; eventId: string }[];
}

const noChanges = (): Changes => ({ added: new Map(), removed: new Set(), sent: [] });

/** Keeps the messages in the store: one write at a time, with all that has changed since the last. */
export class OutboxWriter {
  readonly #store: SessionStore;
  readonly #name: string;
  readonly #sentIds: SentIds;
  /** Since the last write. */
  #changes: Changes | undefined;
  #writing: Promise<void> | undefined;

  constructor(store: SessionStore, name: string, sentIds: SentIds) {
    this.#store = store;
    this.#name = name;
    this.#sentIds = sentIds;
  }

  /** @throws {SessionStoreError} */
  async load(): Promise<OutboxRecord> {
    return (await this.#store.read(this.#name, 'outbox')) ?? { messages: [], sent: [] };
  }

  /** Adds it, or puts it in the place of the same as it was. Resolves when it is stored, or the store could not: then it is written with the next change. */
  add(message: QueuedMessage): Promise<void> {
    this.#changed.added.set(message.id, message);
    return this.flush();
  }

  /** It needs to be sent no more. `eventId`: it is in the room, and whoever sends the same again is to be told so. */
  remove(id: string, eventId?: string): void {
    // One that was never written needs no removal, but it may be on its way there.
    this.#changed.added.delete(id);
    this.#changed.removed.add(id);
    if (eventId !== undefined) this.#changed.sent.push({ id, eventId });
    void this.flush();
  }

  /** Resolves when everything so far is written, or could not be. */
  async flush(): Promise<void> {
    // A write that is under way has not everything; the one after it has.
    await this.#writing;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  /** All that was stored is deleted elsewhere. */
  forget(): void {
    this.#changes = undefined;
  }

  get #changed(): Changes {
    this.#changes ??= noChanges();
    return this.#changes;
  }

  async #write(): Promise<void> {
    const changes = this.#changes;
    if (changes === undefined) return;
    const { added, removed, sent } = changes;
    this.#changes = undefined;
    try {
      await this.#store.update(this.#name, 'outbox', (record) => {
        const stored = record?.messages ?? [];
        const ids = new Set(stored.map(({ id }) => id));
        return {
          record: {
            ...record,
            messages: [
              // What has changed keeps its place.
              ...stored
                .filter(({ id }) => !removed.has(id))
                .map((message) => added.get(message.id) ?? message),
              ...[...added.values()].filter(({ id }) => !ids.has(id)),
            ],
            sent: [...(record?.sent ?? []), ...sent].slice(-this.#sentIds.needed),
          },
          result: undefined,
        };
      });
    } catch {
      // A store that is away: what is sent meanwhile is known to the homeserver by its transaction id.
      this.#putBack(changes);
    }
  }

  #putBack({ added, removed, sent }: Changes): void {
    const later = this.#changed;
    for (const [id, message] of added) if (!later.removed.has(id)) later.added.set(id, message);
    this.#changes = {
      added: new Map([...added, ...later.added].filter(([id]) => !later.removed.has(id))),
      removed: new Set([...removed, ...later.removed]),
      sent: [...sent, ...later.sent],
    };
  }
}

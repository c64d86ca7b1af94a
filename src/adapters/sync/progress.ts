import type { ClientSession } from '../../ports/index.ts';
import { settlesWithin } from './abortable.ts';
import { Deliveries } from './deliveries.ts';
import { PendingInvitations } from './invitations.ts';

/** How long the store may take to note that nothing is left to be repeated. */
const CLOSE_LIMIT_MS = 1_000;

/** How far the bot's handlers have come. It outlives the clients, so that the next one goes on from there. */
export class Progress {
  readonly invitations = new PendingInvitations();
  readonly deliveries: Deliveries;
  #session: ClientSession | undefined;
  #saved: string | undefined;
  #repeatsFrom: string | undefined;

  constructor(handlerTimeoutMs: number) {
    this.deliveries = new Deliveries({
      handlerTimeoutMs,
      onTrouble: (trouble) => this.#session?.onTrouble?.(trouble),
      onHandled: (position) => this.handled(position),
    });
  }

  /** From now on positions are saved with this session. */
  serve(session: ClientSession): void {
    this.#session = session;
  }

  /**
   * The position at which an earlier process has stopped, if it is to be gone on from.
   * @throws {SessionStoreError}
   */
  async open(resume: boolean): Promise<string | undefined> {
    const stored = await this.#session?.position.open();
    if (!resume) return undefined;
    if (stored?.interrupted === true) this.#repeatsFrom = stored.since;
    return stored?.since;
  }

  /**
   * The sync begins here: what comes from now on is not to be lost to a later process.
   * @throws {SessionStoreError}
   */
  async begin(position: string): Promise<void> {
    // Invitations that are still to be delivered would be lost.
    if (this.invitations.pending) return;
    this.#saved = position;
    await this.#session?.position.begin(position);
  }

  /** The sync has brought something. */
  moved(): void {
    this.#session?.onProgress?.();
  }

  /** What comes after this position may have been handed to the bot before. */
  doubt(position: string | undefined): void {
    this.#repeatsFrom = position;
  }

  repeats(position: string): boolean {
    return position === this.#repeatsFrom;
  }

  /** Everything up to this position is handled. */
  handled(position: string): void {
    if (position === this.#saved) return;
    this.#saved = position;
    this.#session?.position.save(position, this.deliveries.settled);
  }

  /** Nothing more is begun. If all that was begun is done, nothing is repeated by a later process. */
  async close(settled: boolean): Promise<void> {
    this.deliveries.close();
    if (settled && this.deliveries.clean)
      await settlesWithin(CLOSE_LIMIT_MS, this.#session?.position.close() ?? Promise.resolve());
  }
}

import type { SyncAnswer } from './sync-answer.ts';

/**
 * Invitations that were there before the first sync. They are news to the bot, although that sync is not: each answer
 * carries them until one was delivered.
 */
export class PendingInvitations {
  readonly #pending = new Map<string, unknown>();

  get pending(): boolean {
    return this.#pending.size > 0;
  }

  /** Takes the invitations out of the initial sync, for later. */
  takeFrom(first: SyncAnswer): void {
    this.hold(first.rooms?.invite);
    if (first.rooms !== undefined) first.rooms.invite = {};
  }

  hold(invitations: Readonly<Record<string, unknown>> = {}): void {
    for (const [roomId, room] of Object.entries(invitations)) this.#pending.set(roomId, room);
  }

  /** Puts them into an answer, but for those of which it says something newer. */
  addTo(answer: SyncAnswer): void {
    const rooms = answer.rooms ?? {};
    const open = [...this.#pending].filter(([roomId]) => !(rooms.join?.[roomId] ?? rooms.leave?.[roomId]));
    answer.rooms = { ...rooms, invite: { ...Object.fromEntries(open), ...rooms.invite } };
  }

  /** The listeners had an answer that carried them. */
  delivered(): void {
    this.#pending.clear();
  }
}

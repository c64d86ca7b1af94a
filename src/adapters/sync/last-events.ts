import type { SyncAnswer } from './sync-answer.ts';

/** The newest event of each room that was received: a gap reaches back to it. */
export class LastEvents {
  readonly #ids = new Map<string, string>();

  /** `undefined` for a room that was not joined before. */
  of(roomId: string): string | undefined {
    return this.#ids.get(roomId);
  }

  add(answer: SyncAnswer): void {
    for (const [roomId, room] of Object.entries(answer.rooms?.join ?? {})) {
      const last = room.timeline?.events.at(-1);
      if (last !== undefined) this.#ids.set(roomId, last.event_id);
    }
    for (const roomId of Object.keys(answer.rooms?.leave ?? {})) this.#ids.delete(roomId);
  }
}

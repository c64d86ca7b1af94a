import type { SyncAnswer } from './sync-answer.ts';

/**
 * Messages to the device that came with the first sync, keys of encrypted rooms above all. The homeserver forgets them at
 * the next sync, so each answer carries them until one was delivered.
 */
export class PendingToDevice {
  #pending: readonly unknown[] = [];

  get pending(): boolean {
    return this.#pending.length > 0;
  }

  hold({ to_device: toDevice }: Pick<SyncAnswer, 'to_device'>): void {
    this.#pending = [...this.#pending, ...(toDevice?.events ?? [])];
  }

  /** Puts them before those of the answer, which are newer. */
  addTo(answer: SyncAnswer): void {
    if (this.pending)
      answer.to_device = {
        ...answer.to_device,
        events: [...this.#pending, ...(answer.to_device?.events ?? [])],
      };
  }

  /** The client had an answer that carried them. */
  delivered(): void {
    this.#pending = [];
  }
}

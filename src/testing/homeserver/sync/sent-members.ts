import type { Viewer } from '../rooms/client-event.ts';

/** The member events that each device was sent last, by user: one that loads members lazily is not sent them again. */
export class SentMembers {
  readonly #sent = new Map<string, Map<string, string>>();

  of({ userId, deviceId }: Viewer): Map<string, string> {
    const device = `${userId}\n${deviceId}`;
    const sent = this.#sent.get(device) ?? new Map<string, string>();
    this.#sent.set(device, sent);
    return sent;
  }
}

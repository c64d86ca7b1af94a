import type { Diagnosis } from './codes.ts';

const LOGINS = 3;
const WITHIN_MS = 600_000;

/** Notices that sessions end soon after each login: what two processes do to each other that use one device. */
export class SharedDevice {
  #logins: number[] = [];
  #goodUntil: number | undefined;

  /** @param expiresAt when the new token ends, in ms since the epoch */
  loggedIn(expiresAt: number | undefined): Diagnosis | undefined {
    const now = Date.now();
    // A token that has run its time was ended by nobody.
    const ranOut = this.#goodUntil !== undefined && this.#goodUntil <= now;
    this.#goodUntil = expiresAt;
    this.#logins = ranOut ? [] : [...this.#logins.filter((at) => now - at < WITHIN_MS), now];
    if (this.#logins.length < LOGINS) return undefined;
    const { length } = this.#logins;
    return {
      code: 'device-shared',
      what: `the homeserver ended session after session: this is login ${length} within ten minutes, and each of them succeeded`,
    };
  }

  /** The session was renewed, so it lives. */
  renewed(expiresAt: number | undefined): void {
    this.#goodUntil = expiresAt;
  }
}

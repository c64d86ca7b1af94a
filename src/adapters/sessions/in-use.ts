import type { StoredSession } from '../../ports/index.ts';

/** A client may hold on to a token for a while after it was replaced, but not for ever. */
const REMEMBERED = 32;

/** The session that a process uses, and the fingerprints of those it used a while ago. */
export class InUse {
  readonly #fingerprints = new Set<string>();
  #session: StoredSession | undefined;

  get session(): StoredSession | undefined {
    return this.#session;
  }

  use(session: StoredSession | undefined): void {
    this.#session = session;
    if (session === undefined) return;
    const fingerprint = session.accessToken.fingerprint();
    this.#fingerprints.delete(fingerprint);
    this.#fingerprints.add(fingerprint);
    const [oldest = fingerprint] = this.#fingerprints;
    if (this.#fingerprints.size > REMEMBERED) this.#fingerprints.delete(oldest);
  }

  /** Whether this is the fingerprint of a token of this session, of now or of the recent past. */
  isOurs(fingerprint: string): boolean {
    return this.#fingerprints.has(fingerprint);
  }
}

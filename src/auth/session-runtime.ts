import type { Discovery, HomeserverAddress } from '../adapters/homeserver/index.ts';
import type { FailureReason, Trouble } from '../machines/auth/index.ts';
import { Renewals } from './renewals.ts';
import type { SignInLadder } from './sign-in-ladder.ts';

interface Discoverer {
  /** Looks up where the homeserver of a server name is. */
  discover(serverName: string, signal: AbortSignal): Promise<Discovery>;
}

/** What changes while a session lives, and what the machine may not hold. */
export class SessionRuntime {
  readonly #address: HomeserverAddress;
  readonly #discoverer: Discoverer;
  #homeserverUrl: string | undefined;
  #failure: { readonly reason: FailureReason; readonly cause: unknown } | undefined;
  #renewals: Renewals | undefined;
  ladder: SignInLadder;
  /** The last sign-in of this run: whose session it is, where the homeserver's answer said so, and its first token. */
  signedIn: { readonly userId: string | undefined; readonly generation: number } | undefined;
  /** What answered the last login, if anything, was no homeserver: none is spent there before one is seen. */
  homeserverDoubted = false;
  /** The session was ended by a logout: whatever is still under way is not to bring it back. */
  loggedOut = false;

  constructor(address: HomeserverAddress, ladder: SignInLadder, discoverer: Discoverer) {
    this.#address = address;
    this.#discoverer = discoverer;
    this.ladder = ladder;
  }

  /** How sessions are renewed. */
  get renewals(): Renewals {
    this.#renewals ??= new Renewals();
    return this.#renewals;
  }

  /** The homeserver's base URL, without a trailing slash; `undefined` while it is not known yet. */
  get homeserverUrl(): string | undefined {
    return this.#homeserverUrl;
  }

  /** Where requests go: there, or while that is not known yet to where it is looked up. */
  get askedUrl(): string {
    const address = this.#address;
    return this.#homeserverUrl ?? (address.kind === 'url' ? address.url : `https://${address.serverName}`);
  }

  /** The same as `homeserverUrl`, where it has to be known. */
  get knownHomeserverUrl(): string {
    if (this.#homeserverUrl === undefined)
      throw new Error('A request was to be made before the homeserver was known.');
    return this.#homeserverUrl;
  }

  /** Looks up where the homeserver is, once. */
  async findHomeserver(signal: AbortSignal): Promise<{ readonly outcome: 'found' } | Trouble> {
    if (this.#homeserverUrl !== undefined) return { outcome: 'found' };
    const found =
      this.#address.kind === 'url'
        ? ({ outcome: 'found', url: this.#address.url } as const)
        : await this.#discoverer.discover(this.#address.serverName, signal);
    if (found.outcome === 'trouble') return found;
    this.#homeserverUrl = found.url;
    return { outcome: 'found' };
  }

  /** Keeps what an adapter threw, for the person who has to mend it. */
  noteFailure(reason: FailureReason, cause: unknown): void {
    this.#failure = { reason, cause };
  }

  /** What was thrown, if that is why the session has failed for this reason. */
  causeOf(reason: FailureReason): unknown {
    return this.#failure?.reason === reason ? this.#failure.cause : undefined;
  }

  /** What the ways to sign in that were refused, or the kind of session that has ended, say about it; `undefined` where the reason is another. */
  adviceFor(reason: FailureReason): string | undefined {
    const advice = this.ladder.adviceFor(reason);
    return advice ?? (reason === 'session-ended' ? this.renewals.advice : undefined);
  }
}

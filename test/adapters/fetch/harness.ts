import {
  createAuthFetch,
  type CurrentToken,
  Gate,
  type GateState,
  TokenScope,
} from '../../../src/adapters/fetch/index.ts';
import { readRejection } from '../../../src/adapters/homeserver/index.ts';
import type { Rejection } from '../../../src/machines/index.ts';

export class ClosedError extends Error {
  override readonly name = 'ClosedError';
}

export interface HarnessOptions {
  readonly homeserver: string;
  readonly maxHeld?: number;
  readonly maxHeldMs?: number;
  readonly fetch?: typeof globalThis.fetch;
}

/** `auth.fetch` with a session that the test moves by hand. */
export class Harness {
  state: GateState = 'open';
  token: CurrentToken | undefined = { value: 'token-1', generation: 1 };
  /** Where the token may go; `undefined` while the homeserver is not known. */
  scope: TokenScope | undefined;
  readonly rejections: { readonly generation: number; readonly rejection: Rejection }[] = [];
  readonly proven: number[] = [];
  tokenMissing = 0;
  loggedOut = 0;
  /** What the session does when a token is refused. Default: requests wait from then on. */
  onRejected = (generation: number): void => {
    if (generation === this.token?.generation) this.move('waiting');
  };
  /** Whoever was refused waits: it is asked whether the token is dead. */
  checking = false;
  readonly doubted: number[] = [];
  readonly disbelieved: string[] = [];
  readonly gate: Gate;
  readonly verdict: Gate;
  readonly fetch: typeof globalThis.fetch;
  readonly #ours = new Set(['token-1']);
  #watchers: (() => void)[] = [];

  constructor({ homeserver, maxHeld, maxHeldMs, fetch = globalThis.fetch }: HarnessOptions) {
    this.scope = new TokenScope(new URL(homeserver));
    this.gate = new Gate({
      state: () => this.state,
      closedError: () => new ClosedError('failed'),
      ...(maxHeld === undefined ? {} : { maxHeld }),
      ...(maxHeldMs === undefined ? {} : { maxHeldMs }),
    });
    this.verdict = new Gate({
      state: () => (this.state === 'open' && this.checking ? 'waiting' : this.state),
      closedError: () => new ClosedError('failed'),
      ...(maxHeld === undefined ? {} : { maxHeld }),
      ...(maxHeldMs === undefined ? {} : { maxHeldMs }),
    });
    this.fetch = createAuthFetch({
      scope: () => this.scope,
      gate: this.gate,
      verdict: this.verdict,
      onDoubted: (generation) => this.doubted.push(generation),
      onDisbelieved: (endpoint) => this.disbelieved.push(endpoint),
      token: () => this.token,
      isOurs: (bearer) => this.#ours.has(bearer),
      readRejection,
      onRejected: (generation, rejection) => {
        this.rejections.push({ generation, rejection });
        this.onRejected(generation);
        for (const watcher of [...this.#watchers]) watcher();
      },
      onProven: (generation) => this.proven.push(generation),
      onLoggedOut: () => {
        this.loggedOut += 1;
      },
      onTokenMissing: () => {
        this.tokenMissing += 1;
      },
      fetch,
    });
  }

  move(state: GateState): void {
    this.state = state;
    this.update();
  }

  get held(): number {
    return this.gate.held + this.verdict.held;
  }

  update(): void {
    this.gate.update();
    this.verdict.update();
  }

  /** It is known whether the token is dead: it is not. */
  tokenLives(): void {
    this.checking = false;
    this.update();
  }

  /** The session has a new token, and requests may go. */
  renew(generation = (this.token?.generation ?? 0) + 1): void {
    this.token = { value: `token-${generation}`, generation };
    this.#ours.add(this.token.value);
    this.move('open');
  }

  /** Resolves when this many requests were refused for their token. */
  rejected(count: number): Promise<void> {
    return new Promise((resolve) => {
      const watcher = () => {
        if (this.rejections.length < count) return;
        this.#watchers = this.#watchers.filter((other) => other !== watcher);
        resolve();
      };
      this.#watchers.push(watcher);
      watcher();
    });
  }
}

/** The refusal of an access token, as Synapse words it. */
export const unknownToken = {
  errcode: 'M_UNKNOWN_TOKEN',
  error: 'Access token has expired',
  soft_logout: true,
};

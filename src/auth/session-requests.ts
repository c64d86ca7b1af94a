import { type CurrentToken, createAuthFetch, Gate } from '../adapters/fetch/index.ts';
import { readRejection } from '../adapters/homeserver/index.ts';
import type { SessionKeeper } from '../adapters/sessions/index.ts';
import type { AuthTag, Rejection } from '../machines/auth/index.ts';
import { type RetryingOptions, runRetrying } from './run-retrying.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionRuntime } from './session-runtime.ts';

export interface SessionRequestsOptions {
  readonly actor: SessionActor;
  readonly keeper: SessionKeeper;
  readonly runtime: SessionRuntime;
  readonly fetch: typeof globalThis.fetch;
  /** An endpoint refuses a token that the homeserver takes elsewhere. */
  readonly onDisbelieved: (endpoint: string) => void;
  /** A request went without its token, by what the homeserver says. Called once. */
  readonly onTokenMissing: () => void;
  /** The session was logged out by one of its own requests. */
  readonly onLoggedOut: () => void;
  readonly maxHeld?: number | undefined;
  readonly maxHeldMs?: number | undefined;
}

type RunOptions = Pick<RetryingOptions, 'signal' | 'restoreToken'>;

/** What is asked of the homeserver with the session's token: it waits until there is one, and learns of a new one. */
export class SessionRequests {
  readonly fetch: typeof globalThis.fetch;
  readonly #actor: SessionActor;
  readonly #keeper: SessionKeeper;
  readonly #usable: Gate;
  readonly #live: Gate;
  readonly #verdict: Gate;

  constructor(options: SessionRequestsOptions) {
    const { actor, keeper, runtime, onDisbelieved, onTokenMissing, onLoggedOut } = options;
    this.#actor = actor;
    this.#keeper = keeper;
    this.#usable = this.#gateFor('usable', options);
    this.#live = this.#gateFor('live', options);
    this.#verdict = this.#gateFor('usable', options, () => actor.context.tokenDoubted);
    let homeserver: URL | undefined;
    let tokenMissingTold = false;
    this.fetch = createAuthFetch({
      homeserver: () => {
        // It is looked up once, and does not change.
        if (runtime.homeserverUrl !== undefined) homeserver ??= new URL(runtime.homeserverUrl);
        return homeserver;
      },
      gate: this.#usable,
      verdict: this.#verdict,
      token: () => this.#token(),
      isOurs: (bearer) => keeper.isOurs(bearer),
      readRejection,
      onRejected: (generation, rejection) => this.#rejected(generation, rejection),
      onDoubted: (generation) => actor.send({ type: 'token.doubted', generation }),
      onDisbelieved,
      onProven: (generation) => {
        actor.send({ type: 'token.confirmed', generation });
        // The store may be away: then the spent refresh token is kept a little longer, which harms nothing.
        keeper.confirm(generation).catch(() => undefined);
      },
      onLoggedOut,
      onTokenMissing: () => {
        if (tokenMissingTold) return;
        tokenMissingTold = true;
        onTokenMissing();
      },
      fetch: options.fetch,
    });
  }

  /** How many requests wait for a usable token now. */
  get held(): number {
    return this.#usable.held + this.#verdict.held;
  }

  async accessToken(): Promise<string> {
    await this.#usable.pass();
    return (this.#token() as CurrentToken).value;
  }

  /** Resolves when the client is live. */
  untilLive(): Promise<void> {
    return this.#live.pass();
  }

  /** Runs `work`, and runs it again from its start when it failed for its token and there is a new one. */
  run<T>(work: () => T | Promise<T>, options: RunOptions): Promise<T> {
    return runRetrying(work, {
      gate: this.#live,
      generation: () => this.#keeper.current?.generation ?? 0,
      onRejected: (generation, rejection) => this.#rejected(generation, rejection),
      ...options,
    });
  }

  #token(): CurrentToken | undefined {
    const session = this.#keeper.current;
    return session && { value: session.accessToken.reveal(), generation: session.generation };
  }

  #rejected(generation: number, rejection: Rejection): void {
    this.#actor.send({ type: 'token.rejected', generation, rejection });
  }

  /** @param undecided holds an open gate closed */
  #gateFor(
    tag: AuthTag,
    { actor, maxHeld, maxHeldMs }: SessionRequestsOptions,
    undecided = () => false,
  ): Gate {
    const gate = new Gate({
      state: () => {
        const state = actor.gateState(tag);
        return state === 'open' && undecided() ? 'waiting' : state;
      },
      closedError: () => actor.closedError(),
      ...(maxHeld === undefined ? {} : { maxHeld }),
      ...(maxHeldMs === undefined ? {} : { maxHeldMs }),
    });
    actor.onChange(() => gate.update());
    return gate;
  }
}

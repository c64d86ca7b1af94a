import {
  type AuthFetchOptions,
  type CurrentToken,
  createAuthFetch,
  Gate,
  type GateOptions,
  type GateState,
  TokenScope,
} from '../adapters/fetch/index.ts';
import { readRejection } from '../adapters/homeserver/index.ts';
import type { SessionKeeper } from '../adapters/sessions/index.ts';
import type { AuthTag, Rejection } from '../machines/auth/index.ts';
import { type RetryingOptions, runRetrying } from './run-retrying.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionRuntime } from './session-runtime.ts';
import type { Voice } from './voice/voice.ts';

/** What the requests of a session need of it. */
export interface RequestsContext {
  readonly actor: SessionActor;
  readonly keeper: SessionKeeper;
  readonly runtime: SessionRuntime;
  readonly voice: Voice;
  readonly fetch: typeof globalThis.fetch;
  /** The session was logged out by one of its own requests. */
  readonly onLoggedOut: () => void;
}

type Limits = Pick<GateOptions, 'maxHeld' | 'maxHeldMs'>;
type RunOptions = Pick<RetryingOptions, 'signal' | 'restoreToken'>;

/** What is asked of the homeserver with the session's token: it waits until there is one, and learns of a new one. */
export class SessionRequests {
  readonly #actor: SessionActor;
  readonly #side: FetchSide;
  readonly #limits: Limits;
  #fetch: typeof globalThis.fetch | undefined;
  #liveGate: Gate | undefined;

  constructor(context: RequestsContext, limits: Limits) {
    this.#actor = context.actor;
    this.#side = new FetchSide(context, limits);
    this.#limits = limits;
  }

  /** The state of the session may have changed. */
  update(): void {
    this.#side.gate.update();
    this.#liveGate?.update();
    this.#side.verdict.update();
  }

  /** `fetch` with the session's token. */
  get fetch(): typeof globalThis.fetch {
    this.#fetch ??= createAuthFetch(this.#side);
    return this.#fetch;
  }

  /** Open while the client is live. */
  get #live(): Gate {
    this.#liveGate ??= new Gate(new ActorGate(this.#actor, 'live', this.#limits));
    return this.#liveGate;
  }

  /** How many requests wait for a usable token now. */
  get held(): number {
    return this.#side.gate.held + this.#side.verdict.held;
  }

  async accessToken(): Promise<string> {
    await this.#side.gate.pass();
    return (this.#side.token() as CurrentToken).value;
  }

  /** Resolves when the client is live. */
  untilLive(): Promise<void> {
    return this.#live.pass();
  }

  /** Runs `work`, and runs it again from its start when it failed for its token and there is a new one. */
  run<T>(work: () => T | Promise<T>, options: RunOptions): Promise<T> {
    return runRetrying(work, {
      gate: this.#live,
      generation: () => this.#side.token()?.generation ?? 0,
      onRejected: (generation, rejection) => this.#side.onRejected(generation, rejection),
      ...options,
    });
  }
}

/** Whether requests may be sent now, as the machine has it. */
class ActorGate implements GateOptions {
  readonly #actor: SessionActor;
  readonly #tag: AuthTag;
  readonly #limits: Limits;
  readonly #waitsForVerdict: boolean;

  /** @param waitsForVerdict an open gate is held closed while the token is doubted */
  constructor(actor: SessionActor, tag: AuthTag, limits: Limits, waitsForVerdict = false) {
    this.#actor = actor;
    this.#tag = tag;
    this.#limits = limits;
    this.#waitsForVerdict = waitsForVerdict;
  }

  get maxHeld(): number | undefined {
    return this.#limits.maxHeld;
  }

  get maxHeldMs(): number | undefined {
    return this.#limits.maxHeldMs;
  }

  state(): GateState {
    const state = this.#actor.gateState(this.#tag);
    return state === 'open' && this.#waitsForVerdict && this.#actor.context.token.doubted ? 'waiting' : state;
  }

  closedError(): Error {
    return this.#actor.closedError();
  }
}

/** What `auth.fetch` asks of its session. */
class FetchSide implements AuthFetchOptions {
  readonly gate: Gate;
  readonly verdict: Gate;
  readonly readRejection = readRejection;
  readonly #context: RequestsContext;
  #scope: TokenScope | undefined;
  #tokenMissingTold = false;

  constructor(context: RequestsContext, limits: Limits) {
    this.#context = context;
    this.gate = new Gate(new ActorGate(context.actor, 'usable', limits));
    this.verdict = new Gate(new ActorGate(context.actor, 'usable', limits, true));
  }

  get fetch(): typeof globalThis.fetch {
    return this.#context.fetch;
  }

  scope(): TokenScope | undefined {
    const { homeserverUrl } = this.#context.runtime;
    // The homeserver is looked up once, and does not change.
    if (homeserverUrl !== undefined) this.#scope ??= new TokenScope(new URL(homeserverUrl));
    return this.#scope;
  }

  token(): CurrentToken | undefined {
    const session = this.#context.keeper.current;
    return session && { value: session.accessToken.reveal(), generation: session.generation };
  }

  isOurs(bearer: string): boolean {
    return this.#context.keeper.isOurs(bearer);
  }

  onRejected(generation: number, rejection: Rejection): void {
    this.#context.actor.send({ type: 'token.rejected', generation, rejection });
  }

  onDoubted(generation: number): void {
    this.#context.actor.send({ type: 'token.doubted', generation });
  }

  onDisbelieved(endpoint: string): void {
    this.#context.voice.endpointRefuses(endpoint);
  }

  onProven(generation: number): void {
    this.#context.actor.send({ type: 'token.confirmed', generation });
  }

  onLoggedOut(): void {
    this.#context.onLoggedOut();
  }

  /** A request went without its token, by what the homeserver says. It is told once. */
  onTokenMissing(): void {
    if (this.#tokenMissingTold) return;
    this.#tokenMissingTold = true;
    this.#context.voice.tokenMissing();
  }
}

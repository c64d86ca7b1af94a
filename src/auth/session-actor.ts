import { type ActorRefFrom, createActor, type EventFromLogic, type InspectionEvent } from 'xstate';
import type { GateState } from '../adapters/fetch/index.ts';
import {
  type AuthTag,
  type authMachine,
  statePath,
  type Schedule,
  wallClock,
} from '../machines/auth/index.ts';
import { type AuthSnapshot, snapshotOf } from '../observe/index.ts';
import { AuthCrashedError, AuthFailedError, AuthStoppedError } from './errors.ts';
import { hostedMachine } from './hosted-machine.ts';
import type { Logger } from './options.ts';
import type { SessionRuntime } from './session-runtime.ts';

export interface SessionActorOptions {
  readonly schedule?: Partial<Schedule> | undefined;
  readonly inspect?: ((event: InspectionEvent) => void) | undefined;
  readonly logger: Logger;
  readonly runtime: SessionRuntime;
}

/** The machine of one session as it runs: its state for those who ask, wait or listen, and its end. */
export class SessionActor {
  readonly ref: ActorRefFrom<typeof authMachine>;
  readonly #runtime: SessionRuntime;
  /** Who is told of each change, the end included. */
  readonly #changeListeners = new Set<() => void>();
  readonly #stateListeners = new Set<(snapshot: AuthSnapshot) => void>();
  #since = Date.now();
  #detail = '';
  #started = false;
  #stopping = false;

  constructor({ schedule, inspect, logger, runtime }: SessionActorOptions) {
    this.#runtime = runtime;
    this.ref = createActor(hostedMachine, {
      input: schedule === undefined ? {} : { schedule },
      clock: wallClock,
      ...(inspect === undefined ? {} : { inspect }),
    });
    this.ref.subscribe({
      next: () => this.#changed(),
      error: (error) => {
        this.#changed();
        logger.error(`matrix-auth-machine: ${new AuthCrashedError(error).message}`);
      },
    });
  }

  get started(): boolean {
    return this.#started;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** What the machine remembers. */
  get context() {
    return this.ref.getSnapshot().context;
  }

  /** Whether the machine is in this state now. */
  matches(state: 'valid' | 'failed'): boolean {
    return this.ref.getSnapshot().matches(state);
  }

  hasTag(tag: AuthTag): boolean {
    return this.ref.getSnapshot().hasTag(tag);
  }

  start(): void {
    this.#started = true;
    this.ref.start();
  }

  /** From now on everybody is told that it is stopped. Events that come later are ignored. */
  stop(): void {
    this.#stopping = true;
    if (this.#started) this.ref.send({ type: 'stop' });
    else this.ref.stop();
    this.#changed();
  }

  send(event: EventFromLogic<typeof authMachine>): void {
    if (!this.#stopping && this.ref.getSnapshot().status === 'active') this.ref.send(event);
  }

  /** Whether requests that need `tag` may be sent now. */
  gateState(tag: AuthTag): GateState {
    const snapshot = this.ref.getSnapshot();
    if (this.#stopping || snapshot.status !== 'active') return 'stopped';
    if (snapshot.hasTag(tag)) return 'open';
    return snapshot.hasTag('needs-person') ? 'failed' : 'waiting';
  }

  /** What whoever wants something of a session gets that has failed, crashed or was stopped. */
  closedError(): Error {
    const { status, error } = this.ref.getSnapshot();
    const { failureReason: reason } = this.context;
    if (this.#stopping) return new AuthStoppedError();
    if (status === 'error') return new AuthCrashedError(error);
    if (reason === undefined || this.gateState('usable') !== 'failed') return new AuthStoppedError();
    return new AuthFailedError(reason, this.#runtime.causeOf(reason), this.#runtime.adviceFor(reason));
  }

  snapshot(): AuthSnapshot {
    const snapshot = snapshotOf(this.ref.getSnapshot(), this.#since);
    const advice = snapshot.reason && this.#runtime.adviceFor(snapshot.reason);
    return {
      ...snapshot,
      ...(advice === undefined ? {} : { advice }),
      ...(this.#stopping ? { state: 'stopped', detail: 'stopped' } : {}),
    };
  }

  /** Calls `listener` after each change. Returns a function that ends it. */
  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /** Calls `listener` when the state is another one, see {@link AuthSnapshot.detail}. */
  onState(listener: (snapshot: AuthSnapshot) => void): void {
    this.#stateListeners.add(listener);
  }

  /**
   * Resolves in `valid`.
   * @throws {AuthFailedError}; {@link AuthStoppedError}; {@link AuthCrashedError}
   */
  settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const gate = this.gateState('usable');
        const done = gate === 'open' && this.matches('valid');
        if (!done && gate !== 'failed' && gate !== 'stopped') return;
        end();
        if (done) resolve();
        else reject(this.closedError());
      };
      const end = this.onChange(check);
      check();
    });
  }

  #changed(): void {
    const detail = statePath(this.ref.getSnapshot().value);
    const isNew = detail !== this.#detail;
    if (isNew) this.#since = Date.now();
    this.#detail = detail;
    for (const listener of [...this.#changeListeners]) listener();
    if (!isNew) return;
    const snapshot = this.snapshot();
    for (const listener of this.#stateListeners) listener(snapshot);
  }
}

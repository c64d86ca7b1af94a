import { type ActorRefFrom, createActor, type EventFromLogic, type InspectionEvent } from 'xstate';
import type { GateState } from '../adapters/fetch/index.ts';
import {
  type AuthEmitted,
  type AuthTag,
  type authMachine,
  type FailureReason,
  statePath,
  type Schedule,
  wallClock,
} from '../machines/auth/index.ts';
import { type AuthSnapshot, type AuthState, snapshotOf, whereIs } from '../observe/index.ts';
import { AuthCrashedError, AuthFailedError, AuthStoppedError } from './errors.ts';
import { hostedMachine } from './hosted-machine.ts';
import type { Logger } from './options.ts';
import type { SessionRuntime } from './session-runtime.ts';

export interface SessionActorOptions {
  readonly schedule?: Partial<Schedule> | undefined;
  readonly inspect?: ((event: InspectionEvent) => void) | undefined;
  readonly runtime: SessionRuntime;
  readonly owner: ActorOwner;
}

/** Who is told of what happens to the machine, before anybody else is. */
export interface ActorOwner {
  readonly logger: Logger;
  /** Something has changed, the end included. */
  onChange(): void;
  /** The state is another one, see {@link AuthSnapshot.detail}. */
  onState(now: StateNow): void;
  /** The machine has said something. */
  onEmitted(event: AuthEmitted): void;
}

/** The state that a session has come into. */
export interface StateNow {
  readonly state: AuthState;
  /** In `failed`: why. */
  readonly reason: FailureReason | undefined;
}

const nobody: readonly (() => void)[] = [];

/** The machine of one session as it runs: its state for those who ask, wait or listen, and its end. */
export class SessionActor {
  readonly ref: ActorRefFrom<typeof authMachine>;
  readonly #runtime: SessionRuntime;
  readonly #owner: ActorOwner;
  /** Who waits for the session to settle. */
  #waiting: readonly (() => void)[] = nobody;
  #since = Date.now();
  #detail = '';
  #last: unknown;
  #started = false;
  #stopping = false;

  constructor({ schedule, inspect, runtime, owner }: SessionActorOptions) {
    this.#runtime = runtime;
    this.#owner = owner;
    this.ref = createActor(hostedMachine, {
      input: schedule && { schedule },
      clock: wallClock,
      ...(inspect === undefined ? {} : { inspect }),
    });
    this.ref.on('*', (event) => this.#owner.onEmitted(event));
    this.ref.subscribe(this);
  }

  /** The machine has changed. XState calls it. */
  next(snapshot: unknown): void {
    // Each of a thousand calls that are refused at once is an event; most of them change nothing.
    if (snapshot === this.#last) return;
    this.#last = snapshot;
    this.#changed();
  }

  /** The machine has broken. XState calls it. */
  error(error: unknown): void {
    this.#changed();
    this.#owner.logger.error(`matrix-auth-machine: ${new AuthCrashedError(error).message}`);
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
        this.#waiting = this.#waiting.filter((one) => one !== check);
        if (done) resolve();
        else reject(this.closedError());
      };
      this.#waiting = [...this.#waiting, check];
      check();
    });
  }

  #now(): StateNow {
    const machine = this.ref.getSnapshot();
    const { state } = whereIs(machine);
    const reason = state === 'failed' ? machine.context.failureReason : undefined;
    return this.#stopping ? { state: 'stopped', reason } : { state, reason };
  }

  #changed(): void {
    const detail = statePath(this.ref.getSnapshot().value);
    const isNew = detail !== this.#detail;
    if (isNew) this.#since = Date.now();
    this.#detail = detail;
    this.#owner.onChange();
    for (const check of this.#waiting) check();
    if (isNew) this.#owner.onState(this.#now());
  }
}

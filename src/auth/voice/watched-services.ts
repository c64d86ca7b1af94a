import type { IdentifyOutcome, Outcome, RenewOutcome } from '../../machines/auth/index.ts';
import type { SessionTurns, TurnKind } from '../fleet/index.ts';
import type { Attempt, SessionServices } from '../hosted-machine.ts';
import type { Diagnosis } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { LastingMistake } from './lasting-mistake.ts';

/** After this time without an answer that is said, and not only once a time limit has passed. */
const NO_ANSWER_MS = 8_000;

/** Who is told of what the services meet. */
export interface Watcher {
  /** Of a session in a fleet: each request waits for its turn. */
  readonly turns: SessionTurns | undefined;
  met(found: Diagnosis, since: number): void;
  passed(): void;
  /** Whether a session that has ever worked would be ended with it. */
  atRisk(): boolean;
  /** Keeps why it ends with `no-homeserver`. */
  noteFailure(reason: 'no-homeserver', cause: unknown): void;
  /** What is waited for while nothing comes; `undefined` where that is no trouble. */
  waitingFor(): Diagnosis | undefined;
}

type Using = Pick<SessionServices, 'restore' | 'identify' | 'connect'>;
type Renewing = Pick<SessionServices, 'exchange' | 'logIn' | 'authorize'>;

/** The same services; what troubles them is told, and a lasting mistake of configuration ends the session. */
export class WatchedServices implements SessionServices {
  readonly #using: Using;
  readonly #renewing: Renewing;
  readonly #watcher: Watcher;
  #mistake: LastingMistake | undefined;

  constructor(using: Using, renewing: Renewing, watcher: Watcher) {
    this.#using = using;
    this.#renewing = renewing;
    this.#watcher = watcher;
  }

  restore(signal: AbortSignal) {
    return this.#watch('restore', signal, this.#using.restore(signal));
  }

  identify(attempt: Attempt, signal: AbortSignal) {
    return this.#watch(
      'identify',
      signal,
      this.#inTurn('identify', signal, () => this.#using.identify(attempt, signal)),
    );
  }

  connect(attempt: Attempt & { readonly replace: boolean }, signal: AbortSignal) {
    return this.#watch('connect', signal, this.#using.connect(attempt, signal));
  }

  exchange(attempt: Attempt, signal: AbortSignal) {
    return this.#watch(
      'exchange',
      signal,
      this.#inTurn('exchange', signal, () => this.#renewing.exchange(attempt, signal)),
    );
  }

  logIn(attempt: Attempt, signal: AbortSignal) {
    return this.#watch(
      'logIn',
      signal,
      this.#inTurn('logIn', signal, () => this.#renewing.logIn(attempt, signal)),
    );
  }

  authorize(attempt: Attempt, signal: AbortSignal) {
    return this.#watch('authorize', signal, this.#renewing.authorize(attempt, signal));
  }

  /** A sign-in that a person approves, and the client, take their time: they take no turn. */
  #inTurn<T extends RenewOutcome | IdentifyOutcome>(
    kind: TurnKind,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const { turns } = this.#watcher;
    return turns === undefined ? work() : turns.inTurn(kind, signal, work);
  }

  async #watch<T extends Outcome>(
    service: keyof SessionServices,
    signal: AbortSignal,
    result: Promise<T>,
  ): Promise<T | typeof noHomeserver> {
    const watcher = this.#watcher;
    const since = Date.now();
    // A person, and a client that syncs, may take their time.
    const timed = service !== 'authorize' && service !== 'connect';
    const late = () => {
      const found = watcher.waitingFor();
      if (found !== undefined) watcher.met(found, since);
    };
    const timer = timed ? setTimeout(late, NO_ANSWER_MS).unref() : undefined;
    let outcome: T;
    try {
      outcome = await result;
    } catch (error) {
      if (!signal.aborted && service !== 'connect')
        watcher.met({ code: 'unexpected', what: `the service "${service}" threw an error` }, Date.now());
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) return outcome;
    const found = diagnose(outcome);
    if (found === undefined) {
      this.#mistake?.passed();
      // That there is nothing stored says nothing of the homeserver.
      if (service !== 'restore' || outcome.outcome === 'restored') watcher.passed();
      return outcome;
    }
    watcher.met(found, since);
    this.#mistake ??= new LastingMistake();
    const error = this.#mistake.met(found);
    if (error === undefined || watcher.atRisk()) return outcome;
    watcher.noteFailure('no-homeserver', error);
    return noHomeserver;
  }
}

const noHomeserver = { outcome: 'unusable', reason: 'no-homeserver' } as const;

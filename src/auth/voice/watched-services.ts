import type { Outcome } from '../../machines/auth/index.ts';
import type { SessionServices } from '../hosted-machine.ts';
import type { Diagnosis } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { LastingMistake } from './lasting-mistake.ts';
import type { TroubleTeller } from './trouble-teller.ts';

/** After this time without an answer that is said, and not only once a time limit has passed. */
const NO_ANSWER_MS = 8_000;

export interface WatchOptions {
  readonly teller: TroubleTeller;
  /** Whether a session that has ever worked would be ended with it. */
  readonly atRisk: () => boolean;
  /** Keeps why it ends with `no-homeserver`. */
  readonly noteFailure: (reason: 'no-homeserver', cause: unknown) => void;
  /** What is waited for while nothing comes; `undefined` where that is no trouble. */
  readonly waitingFor: () => Diagnosis | undefined;
}

/** The same services; what troubles them is told, and a lasting mistake of configuration ends the session. */
export function watchedServices(
  services: SessionServices,
  { teller, atRisk, noteFailure, waitingFor }: WatchOptions,
): SessionServices {
  const mistake = new LastingMistake();

  async function watch<T extends Outcome>(
    service: keyof SessionServices,
    signal: AbortSignal,
    result: Promise<T>,
  ): Promise<T | typeof noHomeserver> {
    const since = Date.now();
    // A person, and a client that syncs, may take their time.
    const timed = service !== 'authorize' && service !== 'connect';
    const late = () => {
      const found = waitingFor();
      if (found !== undefined) teller.met(found, since);
    };
    const timer = timed ? setTimeout(late, NO_ANSWER_MS).unref() : undefined;
    let outcome: T;
    try {
      outcome = await result;
    } catch (error) {
      if (!signal.aborted && service !== 'connect')
        teller.met({ code: 'unexpected', what: `the service "${service}" threw an error` });
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) return outcome;
    const found = diagnose(outcome);
    if (found === undefined) {
      mistake.passed();
      // That there is nothing stored says nothing of the homeserver.
      if (service !== 'restore' || outcome.outcome === 'restored') teller.passed();
      return outcome;
    }
    teller.met(found, since);
    const error = mistake.met(found);
    if (error === undefined || atRisk()) return outcome;
    noteFailure('no-homeserver', error);
    return noHomeserver;
  }

  return {
    restore: (signal) => watch('restore', signal, services.restore(signal)),
    exchange: (attempt, signal) => watch('exchange', signal, services.exchange(attempt, signal)),
    logIn: (attempt, signal) => watch('logIn', signal, services.logIn(attempt, signal)),
    authorize: (attempt, signal) => watch('authorize', signal, services.authorize(attempt, signal)),
    identify: (attempt, signal) => watch('identify', signal, services.identify(attempt, signal)),
    connect: (attempt, signal) => watch('connect', signal, services.connect(attempt, signal)),
  };
}

const noHomeserver = { outcome: 'unusable', reason: 'no-homeserver' } as const;

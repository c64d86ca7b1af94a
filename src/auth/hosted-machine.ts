import { fromPromise } from 'xstate';
import {
  authMachine,
  type ConnectOutcome,
  type IdentifyOutcome,
  type RenewOutcome,
  type RestoreOutcome,
} from '../machines/auth/index.ts';

/** What a renewal is asked with: the generation to replace, and how many attempts in a row have failed. */
export interface Attempt {
  readonly generation: number;
  readonly failures: number;
}

/** The machine's services, made of one session's adapters. */
export interface SessionServices {
  restore(signal: AbortSignal): Promise<RestoreOutcome>;
  exchange(attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome>;
  logIn(attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome>;
  authorize(attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome>;
  identify(attempt: Attempt, signal: AbortSignal): Promise<IdentifyOutcome>;
  connect(attempt: Attempt & { readonly replace: boolean }, signal: AbortSignal): Promise<ConnectOutcome>;
}

const bound = new WeakMap<object, SessionServices>();

/** Gives an actor of {@link hostedMachine} its services. It has to be done before the actor starts. */
export function bindServices(actor: { readonly system: object }, services: SessionServices): void {
  bound.set(actor.system, services);
}

function servicesFor(system: object): SessionServices {
  const services = bound.get(system);
  if (services === undefined) throw new Error('The actor was started before it had its services.');
  return services;
}

/**
 * The machine whose services are those of its actor. `authMachine.provide()` copies the whole statechart, so it is
 * done once for all sessions, and each finds its own by its actor system.
 */
export const hostedMachine = authMachine.provide({
  actors: {
    restore: fromPromise(({ system, signal }) => servicesFor(system).restore(signal)),
    exchange: fromPromise(({ system, input, signal }) => servicesFor(system).exchange(input, signal)),
    logIn: fromPromise(({ system, input, signal }) => servicesFor(system).logIn(input, signal)),
    authorize: fromPromise(({ system, input, signal }) => servicesFor(system).authorize(input, signal)),
    identify: fromPromise(({ system, input, signal }) => servicesFor(system).identify(input, signal)),
    connect: fromPromise(({ system, input, signal }) => servicesFor(system).connect(input, signal)),
  },
});

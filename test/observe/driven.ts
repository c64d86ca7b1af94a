import { type ActorRefFrom, createActor, fromPromise } from 'xstate';
import { authMachine, type Session } from '../../src/machines/index.ts';

type Service = 'restore' | 'exchange' | 'logIn' | 'identify' | 'probe' | 'connect';

export interface Driven {
  readonly actor: ActorRefFrom<typeof authMachine>;
  held: number;
  outgoing: { readonly length: number; readonly oldestAt: number | undefined; readonly delivered?: number };
  received: number;
  /** Ends the service that is under way with this output. */
  done(service: Service, output: object): void;
  /** Sends any event, also one of XState's own. */
  event(event: { readonly type: string }): void;
  /** From wherever it is into `valid.scheduled`, with a new session. */
  signIn(changes?: Partial<Session>): void;
  stop(): void;
}

let generation = 0;

export function sessionOf(changes: Partial<Session> = {}): Session {
  generation += 1;
  const now = Date.now();
  return {
    userId: '@bot:example.org',
    deviceId: 'BOT',
    generation,
    fingerprint: generation.toString(16).padStart(8, '0'),
    obtainedAt: now,
    expiresAt: now + 300_000,
    refreshable: true,
    ...changes,
  };
}

/** The machine by itself, whose services end when the test says so. Like a `MatrixAuth`, it can be observed. */
export function drive(): Driven {
  const held = fromPromise<never, never>(() => new Promise(() => {}));
  const actors = { restore: held, exchange: held, logIn: held, identify: held, connect: held };
  const actor = createActor(authMachine.provide({ actors: actors as never }), {
    input: { salt: 0 },
    // Nothing is due by itself: the test sends what a timer would.
    clock: { setTimeout: () => 0, clearTimeout: () => undefined },
  });
  // A machine that breaks is looked at, and not to be thrown at the process.
  actor.subscribe({ error: () => undefined });
  actor.start();
  const event = (sent: { readonly type: string }) => actor.send(sent as never);
  const driven: Driven = {
    actor,
    held: 0,
    outgoing: { length: 0, oldestAt: undefined },
    received: 0,
    event,
    done: (service, output) => event({ type: `xstate.done.actor.${service}`, output } as { type: string }),
    signIn(changes = {}) {
      const session = sessionOf(changes);
      if (actor.getSnapshot().matches('restoring')) {
        driven.done('restore', { outcome: 'restored', session, canLogIn: true });
      } else event({ type: 'session.adopted', session } as { type: string });
      const { userId = '@bot:example.org', deviceId } = session;
      if (actor.getSnapshot().matches({ reconnecting: 'verifying' })) {
        driven.done('identify', { outcome: 'identified', userId, deviceId });
      }
      driven.done('connect', { outcome: 'connected' });
    },
    stop: () => {
      actor.stop();
    },
  };
  return driven;
}

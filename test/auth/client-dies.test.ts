import { describe, expect, it } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { authMachine, type Session } from '../../src/index.ts';
import type {
  ConnectOutcome,
  IdentifyOutcome,
  RenewOutcome,
  RestoreOutcome,
} from '../../src/machines/index.ts';

describe('a client that dies', () => {
  const session: Session = {
    userId: '@bot:localhost',
    deviceId: 'DEV',
    generation: 1,
    fingerprint: '01234567',
    obtainedAt: Date.now(),
    refreshable: true,
  };

  function start() {
    const connects: { readonly replace: boolean; done(): void }[] = [];
    const exchange = Promise.withResolvers<void>();
    const actor = createActor(
      authMachine.provide({
        actors: {
          restore: fromPromise<RestoreOutcome>(async () => ({
            outcome: 'restored',
            session,
            canLogIn: false,
          })),
          identify: fromPromise<IdentifyOutcome, { readonly generation: number; readonly failures: number }>(
            async () => ({
              outcome: 'identified',
              userId: '@bot:localhost',
              deviceId: 'DEV',
            }),
          ),
          exchange: fromPromise<RenewOutcome, { readonly generation: number; readonly failures: number }>(
            async () => {
              await exchange.promise;
              return {
                outcome: 'refused',
                rejection: { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
              };
            },
          ),
          connect: fromPromise<
            ConnectOutcome,
            { readonly generation: number; readonly failures: number; readonly replace: boolean }
          >(
            ({ input }) =>
              new Promise((resolve) => {
                connects.push({ replace: input.replace, done: () => resolve({ outcome: 'connected' }) });
              }),
          ),
        },
      }),
      { input: {} },
    ).start();
    const reaches = (state: Parameters<ReturnType<typeof actor.getSnapshot>['matches']>[0]) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!actor.getSnapshot().matches(state)) return;
          subscription?.unsubscribe();
          resolve();
        };
        const subscription = actor.subscribe(check);
        check();
      });
    return { actor, connects, exchange, reaches };
  }

  it('while it is being connected is replaced', async () => {
    const { actor, connects, reaches } = start();
    await reaches({ reconnecting: 'connecting' });
    actor.send({ type: 'client.died' });
    connects[0]?.done();
    await new Promise((resolve) => setImmediate(resolve));
    expect(connects.map(({ replace }) => replace)).toEqual([false, true]);
    actor.stop();
  });

  it('during a refresh that brings nothing is replaced, since the old token still serves', async () => {
    const { actor, connects, exchange, reaches } = start();
    await reaches({ reconnecting: 'connecting' });
    connects[0]?.done();
    await reaches('valid');
    actor.send({ type: 'refresh' });
    await reaches('refreshing');
    actor.send({ type: 'client.died' });
    exchange.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(connects.map(({ replace }) => replace)).toEqual([false, true]);
    actor.stop();
  });
});

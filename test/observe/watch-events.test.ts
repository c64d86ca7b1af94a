import { describe, expect, test } from 'vitest';
import { watchEvents } from '../../src/observe/watch-events.ts';
import { statePath } from '../../src/machines/index.ts';
import { HeldMachine } from '../machines/auth/held-machine.ts';
import { connected, identified, renewed, session } from '../machines/auth/sessions.ts';

async function signIn(held: HeldMachine): Promise<void> {
  await held.answer('restore', { outcome: 'restored', session: session(), canLogIn: true });
  await held.answer('identify', identified);
  await held.answer('connect', connected);
}

describe('an actor', () => {
  test('is watched: each event, once its state stands and what it emitted was told', async () => {
    const held = new HeldMachine();
    const { actor } = held;
    const told: string[] = [];
    watchEvents(actor, ({ type }) => told.push(`${type} → ${statePath(held.value)}`));
    actor.on('refreshed', () => told.push('refreshed'));
    actor.start();
    await signIn(held);
    actor.send({ type: 'refresh' });
    await held.answer('exchange', renewed(session(2)));
    actor.send({ type: 'stop' });
    expect(told).toEqual([
      'xstate.init → restoring.reading',
      'xstate.done.actor.restore → reconnecting.verifying',
      'xstate.done.actor.identify → reconnecting.connecting',
      'xstate.done.actor.connect → valid.scheduled',
      'refresh → refreshing.ahead.exchanging',
      'refreshed',
      'xstate.done.actor.exchange → reconnecting.connecting',
      'stop → stopped',
    ]);
  });

  test('tells what an event was about', async () => {
    const held = new HeldMachine();
    const told: unknown[] = [];
    held.actor.start();
    watchEvents(held.actor, (event) => told.push(event));
    const output = { outcome: 'restored', session: session(), canLogIn: true };
    await held.answer('restore', output);
    expect(told).toEqual([expect.objectContaining({ output })]);
  });

  test('tells that it was stopped from outside, once', () => {
    const held = new HeldMachine();
    held.actor.start();
    const told: string[] = [];
    watchEvents(held.actor, ({ type }) => told.push(`${type} → ${held.actor.getSnapshot().status}`));
    held.actor.stop();
    expect(told).toEqual(['xstate.stop → stopped']);
  });

  test('is not held up by a watcher that throws, and is left alone by one that has gone', async () => {
    const held = new HeldMachine();
    held.actor.start();
    const left: string[] = [];
    const leave = watchEvents(held.actor, ({ type }) => left.push(type));
    watchEvents(held.actor, () => {
      throw new RangeError('of a watcher');
    });
    const told: string[] = [];
    watchEvents(held.actor, ({ type }) => told.push(type));
    await held.answer('restore', { outcome: 'restored', session: session(), canLogIn: true });
    leave();
    await held.answer('identify', identified);
    expect(left).toEqual(['xstate.done.actor.restore']);
    expect(told).toEqual(['xstate.done.actor.restore', 'xstate.done.actor.identify']);
    expect(held.errors).toEqual([]);
  });

  test('tells nothing more after its end', () => {
    const held = new HeldMachine();
    held.actor.start();
    held.actor.send({ type: 'stop' });
    const told: string[] = [];
    watchEvents(held.actor, ({ type }) => told.push(type));
    expect(told).toEqual([]);
  });
});

test('an actor tells the event by which it broke', async () => {
  const held = new HeldMachine();
  held.actor.start();
  await signIn(held);
  const told: string[] = [];
  watchEvents(held.actor, ({ type }) => told.push(`${type} → ${held.actor.getSnapshot().status}`));
  // An event that no adapter sends: the machine's own code throws on it.
  held.actor.send({ type: 'token.rejected', generation: 1 } as never);
  expect(told).toEqual(['token.rejected → error']);
  expect(held.errors).toHaveLength(1);

  const late: string[] = [];
  watchEvents(held.actor, ({ type }) => late.push(type));
  expect(late).toEqual([]);
});

import { expect, it } from 'vitest';
import { CurrentSession } from '../../../src/adapters/sessions/session-renewal.ts';
import { Secret } from '../../../src/ports/index.ts';
import { session } from './keeper-fixtures.ts';

/** 32 sessions have been used, one after the other. */
function used32() {
  const inUse = new CurrentSession();
  for (let generation = 1; generation <= 32; generation += 1) inUse.use(session(generation));
  const ours = (n: number) => inUse.isOurs(new Secret(`access-${n}`).reveal());
  return { inUse, ours };
}

it('the last 32 tokens are known', () => {
  const { inUse, ours } = used32();
  expect([ours(1), ours(32), ours(33)]).toEqual([true, true, false]);
  inUse.use(session(33));
  expect([ours(1), ours(2), ours(33)]).toEqual([false, true, true]);
});

it('a token that comes back is one of the last', () => {
  const { inUse, ours } = used32();
  inUse.use(session(1));
  inUse.use(session(33));
  expect([ours(1), ours(2), ours(33)]).toEqual([true, false, true]);
});

it('the tokens are known when there is no session any more', () => {
  const { inUse, ours } = used32();
  inUse.use(undefined);
  expect(inUse.session).toBeUndefined();
  expect(ours(32)).toBe(true);
});

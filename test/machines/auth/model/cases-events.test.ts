import { createActor, type AnyEventObject } from 'xstate';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authCases, authMachine } from '../../../../src/machines/index.ts';
import { noon, session } from '../sessions.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: noon }));
afterEach(() => vi.useRealTimers());

/** The auth machine, where it is valid with this session. */
function validWith(generation: number) {
  const { context } = createActor(authMachine, { input: { salt: 0.5 } }).getSnapshot();
  return authMachine.resolveState({
    value: { valid: 'scheduled' },
    context: { ...context, session: session(generation) },
  });
}

/** What an event brings: times from now, and of what is written for people only of whom it speaks. */
const asText = (event: object | undefined) =>
  JSON.stringify(event, (key, each: unknown) => {
    if (key === 'why') return String(each).replace(/^(\w+:)?.+$/, '$1…');
    if (key === 'obtainedAt' || key === 'expiresAt') return `now ${(Number(each) - noon) / 1000} s`;
    return each instanceof Error ? each.name : each;
  });

test('what can happen to a session, and what it brings at the start and later', async () => {
  const start = createActor(authMachine).getSnapshot();
  const later = validWith(7);
  const text = authCases.flatMap(({ name, event, aside, afterMs, with: bring, when }) => [
    `${name}, on ${event}${afterMs === undefined ? '' : `, after ${afterMs / 1000} s`}${aside === true ? ', aside' : ''}`,
    ...[start, later].map((snapshot) =>
      when?.(snapshot) === false ? '  cannot be' : `  ${asText(bring?.(snapshot)) ?? 'nothing'}`,
    ),
  ]);
  await expect([...text, ''].join('\n')).toMatchFileSnapshot('golden/auth-cases.txt');
});

test('the next token has a fingerprint of eight digits, however many there were before it', () => {
  const accepted = authCases.find(({ name }) => name === 'refresh accepted');
  const fingerprints = [0, 1, 15, 300, 5_000].map((generation) => {
    const event = accepted?.with?.(validWith(generation)) as AnyEventObject;
    expect(event['output'].session.generation).toBe(generation + 1);
    return event['output'].session.fingerprint as string;
  });
  for (const fingerprint of fingerprints) expect(fingerprint).toMatch(/^[0-9a-f]{8}$/);
  expect(new Set(fingerprints).size).toBe(fingerprints.length);
});

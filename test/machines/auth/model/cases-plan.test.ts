import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authMachine, authPaths } from '../../../../src/machines/index.ts';
import { noon } from '../sessions.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: noon }));
afterEach(() => vi.useRealTimers());

test('the plan of the auth machine', async () => {
  const { coverage, shortestPaths, edgeCoveringPaths } = authPaths();
  const text = [
    `${coverage.covered} of ${coverage.total} edges`,
    '',
    'To each state value:',
    ...shortestPaths.map(({ name, state }) => `- ${name}: ${JSON.stringify(state.value)}`),
    '',
    'Over each edge:',
    ...edgeCoveringPaths.flatMap(({ name, covers, steps }) => [
      `- ${name}`,
      `    ${steps.map((step) => step.name).join(', ')}`,
      ...covers.map((edge) => `  for ${edge}`),
    ]),
    '',
  ];
  await expect(text.join('\n')).toMatchFileSnapshot('golden/auth.txt');
  expect(new Set(shortestPaths.map(({ state }) => state.context.salt))).toEqual(new Set([0.5]));
});

test('a machine that was made from the auth machine has a plan of its own, with what else was given', () => {
  const machine = authMachine.provide({ guards: { canRenew: () => false } });
  const { coverage, shortestPaths } = authPaths({ machine, stateKey: ({ value }) => JSON.stringify(value) });
  expect(coverage.unreached).toContain('auth.valid: refresh [canRenew] -> auth.refreshing');
  expect(shortestPaths.map(({ name }) => name)).toContain('valid');
});

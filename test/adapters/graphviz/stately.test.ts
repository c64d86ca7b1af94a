import { type AnyStateMachine, createMachine } from 'xstate';
import { expect, test } from 'vitest';
import { authMachine } from '../../../src/machines/index.ts';
import { transitionsOf, statesOf } from '../../../src/statechart/structure.ts';

/** What an editor shows of a machine. */
const chartOf = (machine: AnyStateMachine) => ({
  states: statesOf(machine).map(({ id, type, description, tags, invoke }) => [
    id,
    type,
    description,
    tags,
    invoke.map(({ src }) => src),
  ]),
  transitions: transitionsOf(machine).map(({ id, event, guard, targets, definition }) => [
    id,
    event,
    guard?.split(' ', 1)[0],
    targets,
    definition.actions.map((action) => (typeof action === 'object' ? action.type : action)),
  ]),
});

test('the machine’s config as JSON, which editors import, is the same chart', () => {
  const text = JSON.stringify(authMachine.config);
  expect(chartOf(createMachine(JSON.parse(text)))).toEqual(chartOf(authMachine));
});

test('what JSON drops of it are functions that no chart shows', () => {
  const dropped = new Set<string>();
  const look = (value: unknown, name: string): void => {
    if (typeof value === 'function') dropped.add(name);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) look(inner, Array.isArray(value) ? name : key);
    }
  };
  look(authMachine.config, 'config');
  expect([...dropped].sort()).toEqual(['context', 'input', 'params']);
});

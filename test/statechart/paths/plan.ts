import type { AnyStateMachine } from 'xstate';
import type { MachinePath, MachinePaths } from '../../../src/statechart/index.ts';

/** A plan as text: what is reached, and by which ways. A step reads `name (event) -> state, what it emits {its edges}`. */
export function asText<M extends AnyStateMachine>(paths: MachinePaths<M>): string {
  const { coverage, shortestPaths, edgeCoveringPaths } = paths;
  return [
    `${coverage.covered} of ${coverage.total} edges`,
    ...coverage.unreached.map((edge) => `unreached: ${edge}`),
    '',
    'To each state value:',
    ...shortestPaths.map((path) => `- ${path.name}: ${value(path.state)}`),
    '',
    'Over each edge:',
    ...edgeCoveringPaths.flatMap((path) => [
      `- ${path.name}`,
      ...stepsOf(path).map((step) => `    ${step}`),
      ...path.covers.map((edge) => `  for ${edge}`),
    ]),
    '',
  ].join('\n');
}

const value = ({ value }: { readonly value?: unknown }) => JSON.stringify(value);

function stepsOf<M extends AnyStateMachine>({ steps }: MachinePath<M>): string[] {
  return steps.map(({ name, on, event, afterMs, state, edges, emitted }) => {
    const { type, ...brought } = event;
    const words = [
      name,
      ...(on === name ? [] : [`on ${on}`]),
      ...(type === on ? [] : [`(${type})`]),
      ...(Object.keys(brought).length === 0 ? [] : [JSON.stringify(brought)]),
      ...(afterMs === 0 ? [] : [`after ${afterMs} ms`]),
      `-> ${value(state)}`,
      ...emitted.map((each) => `! ${each.type}`),
      `{${edges.join(', ')}}`,
    ];
    return words.join(' ');
  });
}

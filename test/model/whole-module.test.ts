import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { authMachine } from '../../src/machines/index.ts';
import { authPaths } from '../../src/machines/auth/model/auth-paths.ts';
import { marked } from '../../src/statechart/paths/edges.ts';
import { rounds } from '../support/long.ts';
import { notDrivable } from './happenings.ts';
import { startStage, type Stage } from './stage.ts';
import { shownBySynapse, walk, whyNot } from './walk.ts';

vi.mock('../../src/machines/auth/clock.ts', () => import('./held-wall-clock.ts'));

const { edgeCoveringPaths } = authPaths();
const asPlanned = edgeCoveringPaths.filter((path) => whyNot(path) === undefined);
const drivable = [...asPlanned, ...missedBy(asPlanned)];
const { edges } = marked(authMachine);
const unavailable = ((synapse) => ('unavailable' in synapse ? synapse.unavailable : undefined))(
  inject('synapse'),
);

/** Ways over edges that these miss, of paths that have to do without a step that changes nothing. */
function missedBy(paths: typeof asPlanned): typeof asPlanned {
  const edgesOf = (path: (typeof asPlanned)[number]) => path.steps.flatMap((step) => step.edges);
  const planned = new Set(paths.flatMap(edgesOf));
  return edgeCoveringPaths
    .filter((path) => whyNot(path) !== undefined)
    .map((path) => {
      const skipped = path.steps.filter(({ name, edges: [edge, ...more] }) => {
        return name in notDrivable && edge?.endsWith(' ignored') && more.length === 0;
      });
      const name = skipped.reduce((all, step) => all.replace(`${step.name}, `, ''), path.name);
      return { ...path, name, steps: path.steps.filter((step) => !skipped.includes(step)) };
    })
    .filter((path) => whyNot(path) === undefined && edgesOf(path).some((edge) => !planned.has(edge)));
}

/** Those of the paths, the longest first, that take a planned edge that no other before them takes. */
function fewest(paths: typeof drivable): typeof drivable {
  const seen = new Set<string>();
  return paths
    .toSorted((a, b) => b.steps.length - a.steps.length)
    .filter(({ steps }) => {
      const planned = steps.flatMap((step) => step.edges);
      const fresh = planned.some((edge) => !seen.has(edge));
      for (const edge of planned) seen.add(edge);
      return fresh;
    });
}

function suite(name: string, real: boolean, paths: typeof drivable, skipped = false): void {
  describe.skipIf(skipped)(`the whole module goes the ways of the machine (${name})`, () => {
    let stage: Stage | undefined;
    const taken = new Set<string>();
    beforeAll(async () => {
      stage = await startStage(real);
    });
    afterAll(() => stage?.stop());

    it.each(paths)('$name', async (path) => {
      for (const edge of await walk(path, stage as Stage)) taken.add(edge);
    });

    it('takes every edge that it can be led over', () => {
      const others = edges.filter(({ id }) => !taken.has(id)).map((edge) => edge.name);
      const figure = `Edges of the machine that the whole module takes on ${name}: ${edges.length - others.length} of ${edges.length}, by ${paths.length} of ${edgeCoveringPaths.length} paths.`;
      console.log([figure, 'Not taken:', ...others].join('\n  '));
      if (real) return;
      const planned = new Set(paths.flatMap(({ steps }) => steps.flatMap((step) => step.edges)));
      const missed = edges.filter(({ id }) => planned.has(id) && !taken.has(id));
      expect(missed.map((edge) => edge.name)).toEqual([]);
    });
  });
}

suite('the test homeserver', false, rounds({ short: fewest(drivable), long: drivable }));

it('the other ways are known by name: only the bare machine is led along them', () => {
  const others = edgeCoveringPaths.filter((path) => whyNot(path) !== undefined);
  console.log(
    [
      'Ways that only the bare machine is led along:',
      ...others.map((path) => `${path.name} (${whyNot(path)})`),
    ].join('\n  '),
  );
  expect(others.length + asPlanned.length).toBe(edgeCoveringPaths.length);
});

if (unavailable === undefined || process.env['CI'] !== 'true') {
  const name = unavailable === undefined ? 'Synapse' : `Synapse: skipped, ${unavailable}`;
  suite(name, true, fewest(drivable.filter(shownBySynapse)), unavailable !== undefined);
} else {
  it('the whole module goes the ways of the machine (Synapse)', () => {
    throw new Error(`Synapse is needed in CI and cannot be had: ${unavailable}.`);
  });
}

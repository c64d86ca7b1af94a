import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { authMachine } from '../../src/machines/index.ts';
import { authPaths } from '../../src/machines/paths.ts';
import { marked } from '../../src/machines/paths/edges.ts';
import { startStage, type Stage } from './stage.ts';
import { shownBySynapse, walk, whyNot } from './walk.ts';

vi.mock('../../src/machines/clock.ts', () => import('./held-wall-clock.ts'));

const { edgeCoveringPaths } = authPaths();
const drivable = edgeCoveringPaths.filter((path) => whyNot(path) === undefined);
const { edges } = marked(authMachine);
const unavailable = ((synapse) => ('unavailable' in synapse ? synapse.unavailable : undefined))(
  inject('synapse'),
);

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
      const covered = edges.filter(({ id }) => taken.has(id));
      console.log(
        `Edges of the machine that the whole module takes on ${name}: ${covered.length} of ${edges.length}, by ${paths.length} of ${edgeCoveringPaths.length} paths.`,
      );
      if (real) return;
      const planned = new Set(paths.flatMap(({ steps }) => steps.flatMap((step) => step.edges)));
      const missed = edges.filter(({ id }) => planned.has(id) && !taken.has(id));
      expect(missed.map((edge) => edge.name)).toEqual([]);
    });
  });
}

suite('the test homeserver', false, drivable);

it('the other ways are known by name: only the bare machine is led along them', () => {
  const others = edgeCoveringPaths.filter((path) => whyNot(path) !== undefined);
  console.log(
    [
      'Ways that only the bare machine is led along:',
      ...others.map((path) => `${path.name} (${whyNot(path)})`),
    ].join('\n  '),
  );
  expect(others.length + drivable.length).toBe(edgeCoveringPaths.length);
});

if (unavailable === undefined || process.env['CI'] !== 'true') {
  const name = unavailable === undefined ? 'Synapse' : `Synapse: skipped, ${unavailable}`;
  suite(name, true, fewest(drivable.filter(shownBySynapse)), unavailable !== undefined);
} else {
  it('the whole module goes the ways of the machine (Synapse)', () => {
    throw new Error(`Synapse is needed in CI and cannot be had: ${unavailable}.`);
  });
}

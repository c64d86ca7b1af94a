import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { authMachine } from '../../src/machines/index.ts';
import { marked } from '../../src/statechart/paths/edges.ts';
import { rounds } from '../support/long.ts';
import { explore, type Explored } from './explore.ts';
import { type Stage, startStage } from './stage.ts';

vi.mock('../../src/machines/auth/clock.ts', () => import('./held-wall-clock.ts'));

const SOME_MS = rounds({ short: 10_000, long: 60_000 });
const ALL_MS = 6 * 3_600_000;
const SHRINK_MS = 120_000;
const { MODEL_RUNS, MODEL_SEED, MODEL_PATH } = process.env;

let stage: Stage | undefined;
beforeAll(async () => {
  stage = await startStage(false);
});
afterAll(() => stage?.stop());

/** As many stories as are asked for, others each time; or the same ones, as many as there are in that time. */
const limits =
  MODEL_RUNS === undefined
    ? { stories: 10_000, timeLimitMs: SOME_MS, seed: 5 }
    : { stories: Number(MODEL_RUNS), timeLimitMs: ALL_MS, seed: randomInt(2 ** 31) };

it(
  'whatever happens, in whatever order, nothing is lost',
  async () => {
    const seed = Number(MODEL_SEED ?? limits.seed);
    console.log(`Random stories of the whole module: MODEL_SEED=${seed}`);
    const explored = await explore({
      ...limits,
      stage: stage as Stage,
      seed,
      path: MODEL_PATH ?? '',
      shrinkLimitMs: SHRINK_MS,
    });
    const { edges } = marked(authMachine);
    const taken = edges.filter(({ id }) => explored.edges.has(id)).length;
    console.log(
      `${explored.stories} random stories, ${explored.happenings} happenings, ${taken} of ${edges.length} edges of the machine, MODEL_SEED=${seed}.`,
    );
    if (explored.failure !== undefined) expect.fail(inWords(explored.failure, seed));
  },
  limits.timeLimitMs + SHRINK_MS + 30_000,
);

function inWords({ path, script, cause }: NonNullable<Explored['failure']>, seed: number): string {
  const names = script.map((name) => `    '${name}',\n`).join('');
  return [
    cause instanceof Error ? cause.message : String(cause),
    '',
    'The shortest story that fails, as a test for test/model/retold.test.ts:',
    '',
    `test('${script.join(', ')}', async () => {\n  await tell([\n${names}  ], stage);\n});`,
    '',
    `The story again as it was found: MODEL_SEED=${seed} MODEL_PATH=${path} npx vitest run test/model/explore.test.ts`,
  ].join('\n');
}

import fc from 'fast-check';
import { happeningsOfStories, Story } from './story.ts';
import type { Stage } from './stage.ts';

/** How many different things may be tried in a story; most of them cannot happen where they would. */
const TRIED = 80;

class Happens implements fc.AsyncCommand<{ readonly story: Story }, Story> {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  check = ({ story }: { readonly story: Story }) => story.can(this.#name);
  run = (_: object, story: Story) => story.happens(this.#name);
  toString = () => this.#name;
}

export interface Exploring {
  readonly stage: Stage;
  readonly stories: number;
  readonly seed: number;
  /** The place of a story among those of the seed, to begin with it. */
  readonly path?: string;
  /** No story is begun after that. */
  readonly timeLimitMs: number;
  /** How long a story that fails may be shortened. */
  readonly shrinkLimitMs: number;
}

export interface Explored {
  readonly stories: number;
  /** How many things happened in them. */
  readonly happenings: number;
  readonly edges: ReadonlySet<string>;
  readonly failure?: {
    /** Where among the stories of the seed it came. */
    readonly path: string;
    /** The shortest story that fails in this way or another. */
    readonly script: readonly string[];
    readonly cause: unknown;
  };
}

/** Tells random stories, until one fails; that one is shortened as far as it goes on failing. */
export async function explore({ stage, seed, path = '', ...limits }: Exploring): Promise<Explored> {
  const edges = new Set<string>();
  let [happenings, stories] = [0, 0];
  let failed: { readonly script: readonly string[]; readonly cause: unknown } | undefined;
  const property = fc.asyncProperty(
    fc.commands(
      happeningsOfStories.map((name) => fc.constant(new Happens(name))),
      { maxCommands: TRIED, size: 'max' },
    ),
    async (commands) => {
      const story = await Story.begin(stage);
      try {
        await fc.asyncModelRun(() => ({ model: { story }, real: story }), commands);
        await story.end();
      } catch (cause) {
        failed = { script: [...story.told], cause };
        throw cause;
      } finally {
        await story.close();
        stories += 1;
        happenings += story.told.length;
        for (const edge of story.edges) edges.add(edge);
      }
    },
  );
  const first = await fc.check(property, {
    seed,
    path,
    numRuns: limits.stories,
    interruptAfterTimeLimit: limits.timeLimitMs,
    endOnFailure: true,
  });
  const explored = { stories, happenings, edges };
  if (!first.failed || failed === undefined) return explored;
  await fc.check(property, {
    seed,
    path: first.counterexamplePath ?? '',
    numRuns: 1,
    interruptAfterTimeLimit: limits.shrinkLimitMs,
  });
  return { ...explored, failure: { path: first.counterexamplePath ?? '', ...failed } };
}

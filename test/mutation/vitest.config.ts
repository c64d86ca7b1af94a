import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { ownName } from '../support/own-name.ts';

/** In the order given, so that most mutants meet a quick test first. */
class AsListed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => tests.findIndex((name) => moduleId.endsWith(name));
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** The tests that a mutant has to face: a mutant is alive in Vitest's own workers only, in no child process. */
const tests = (process.env['MUTATION_TESTS'] ?? '').split(' ').filter((name) => name !== '');

export default defineConfig({
  resolve: { alias: ownName },
  test: {
    include: tests,
    testTimeout: Number(process.env['MUTATION_TEST_TIMEOUT'] ?? 60_000),
    sequence: { sequencer: AsListed },
  },
});

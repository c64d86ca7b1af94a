import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { root } from '../../tools/root.ts';

/** The test files that take longest, the longest first: one that is begun last keeps all the others waiting. */
export const slowest = [
  'test/behaviour/refresh-trouble.test.ts',
  'test/reliability/short-tokens.test.ts',
  'test/reliability/long-tokens.test.ts',
  'test/model/whole-module.test.ts',
  'test/behaviour/expiry.test.ts',
  'test/cli/generated-tests.test.ts',
  'test/bots/four-bots.test.ts',
  'test/behaviour/first-sync.test.ts',
  'test/behaviour/requests.test.ts',
  'test/reliability/random-kills.test.ts',
  'test/reliability/together.test.ts',
  'test/behaviour/sdk-log.test.ts',
  'test/differential/differential.test.ts',
  'test/behaviour/failed.test.ts',
  'test/behaviour/stop.test.ts',
  'test/machines/auth/model.test.ts',
  'test/behaviour/replacement.test.ts',
  'test/model/explore.test.ts',
];

/** Begins with the slowest, in that order; then come the others, in the order of their names. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const pathOf = ({ moduleId }: TestSpecification) => relative(root, moduleId).replaceAll(sep, '/');
    const rank = (file: TestSpecification) => {
      const index = slowest.indexOf(pathOf(file));
      return index === -1 ? slowest.length : index;
    };
    return files.toSorted((a, b) => rank(a) - rank(b) || pathOf(a).localeCompare(pathOf(b)));
  }
}

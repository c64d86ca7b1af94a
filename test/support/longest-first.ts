import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { root } from '../../tools/root.ts';

/** The test files that take longest, the longest first: one that is begun last keeps all the others waiting. */
export const slowest = [
  'test/behaviour/matrix-bot-sdk/session.test.ts',
  'test/behaviour/handlers.test.ts',
  'test/behaviour/expiry.test.ts',
  'test/behaviour/refresh-trouble.test.ts',
  'test/reliability/oauth.test.ts',
  'test/behaviour/oauth-synapse.test.ts',
  'test/reliability/oauth-synapse.test.ts',
  'test/cli/generated-tests.test.ts',
  'test/reliability/killed-handlers.test.ts',
  'test/bots/four-bots.test.ts',
  'test/reliability/in-and-out.test.ts',
  'test/docs/migrating.test.ts',
  'test/behaviour/matrix-bot-sdk/client.test.ts',
  'test/cli/init/written-bots.test.ts',
  'test/behaviour/requests.test.ts',
  'test/behaviour/ways-to-sign-in.test.ts',
  'test/behaviour/sdk-log.test.ts',
  'test/behaviour/first-sync.test.ts',
  'test/behaviour/outgoing.test.ts',
  'test/cli/doctor/sessions.test.ts',
  'test/cli/doctor/wrong-set-ups.test.ts',
  'test/reliability/outage.test.ts',
  'test/reliability/short-tokens.test.ts',
  'test/statechart/diagram/mermaid.test.ts',
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

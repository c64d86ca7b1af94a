import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingSynapse } from '../support/both.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { startTestHomeserverForTests } from '../support/test-homeserver.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';
import { startSynapse } from '../synapse/server.ts';
import { compare, type Difference, inWords } from './compare.ts';
import { explains, known } from './known-differences.ts';
import { play } from './play.ts';
import { homeservers } from './script.ts';
import { themes } from './scripts/index.ts';

describeWhereThereIs('Synapse', missingSynapse(), 'the test homeserver answers as Synapse does', {}, () => {
  const found: Difference[] = [];

  describe.each(Object.entries(homeservers))('on a homeserver that is %s', (kind, options) => {
    let pair: readonly [RunningHomeserver, RunningHomeserver] | undefined;
    beforeAll(async () => {
      pair = await Promise.all([startTestHomeserverForTests(options), startSynapse(options)]);
    });
    afterAll(async () => {
      await Promise.all(pair?.map((homeserver) => homeserver.stop()) ?? []);
    });

    const scripts = themes
      .filter(({ on = 'lasting' }) => on === kind)
      .flatMap((theme) => theme.scripts.map((script) => ({ name: `${theme.name}: ${script.name}`, script })));
    it.each(scripts)('$name', async ({ name, script }) => {
      if (pair === undefined) throw new Error('The homeservers were not started.');
      const [ours, synapses] = await Promise.all(pair.map((homeserver) => play(script, homeserver)));
      const differences = compare(name, ours ?? [], synapses ?? []);
      found.push(...differences);
      const unexplained = differences.filter(
        (difference) => !known.some((each) => explains(each, difference)),
      );
      expect(unexplained.map(inWords)).toEqual([]);
    });
  });

  it('every known difference is one still', () => {
    const gone = known.filter((each) => !found.some((difference) => explains(each, difference)));
    expect(gone.map(({ what, because }) => `${what.source}: ${because}`)).toEqual([]);
  });
});

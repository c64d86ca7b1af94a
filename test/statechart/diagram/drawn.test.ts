// What the diagrams are, letter by letter: a change of their looks is seen in the diff. `npx vitest run -u` accepts it.
import { expect, test } from 'vitest';
import { toDot, toJson, toMermaid } from '../../../src/statechart/diagram/diagram.ts';
import { authMachine } from '../../../src/machines/index.ts';
import * as foreign from '../foreign.ts';

const named = Object.entries({ ...foreign, auth: authMachine }).map(([name, machine]) => ({
  name,
  machine,
}));

test.each(named)('$name', async ({ name, machine }) => {
  const drawn = (file: string) => `drawn/${name}${file}`;
  await expect(toMermaid(machine)).toMatchFileSnapshot(drawn('.mmd'));
  await expect(toMermaid(machine, { depth: 1, guards: false })).toMatchFileSnapshot(drawn('-folded.mmd'));
  await expect(toDot(machine)).toMatchFileSnapshot(drawn('.dot'));
  await expect(
    toDot(machine, { theme: 'dark', direction: 'across', depth: 1, guards: false }),
  ).toMatchFileSnapshot(drawn('-dark-across-folded.dot'));
  await expect(`${JSON.stringify(toJson(machine), undefined, 1)}\n`).toMatchFileSnapshot(drawn('.json'));
});

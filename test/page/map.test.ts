import { describe, expect, test } from 'vitest';
import { svgOf, tall, wide } from '../../src/page/map/index.ts';
import { authMachine } from '../../src/machines/index.ts';
import { statesOf, transitionsOf } from '../../src/statechart/structure.ts';

/** What is decided at once is never seen, and the regions of `refreshing` are no states of their own. */
const unseen = new Set(['deciding', 'service', 'renewal']);
const states = statesOf(authMachine).filter(({ key }) => !unseen.has(key));

const topOf = (id: string) => id.split('.')[1] ?? id;
const ways = new Set(
  transitionsOf(authMachine)
    .filter(({ source }) => source !== 'auth')
    .flatMap(({ source, targets }) => targets.map((target) => [topOf(source), topOf(target)]))
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => `${from}>${to}`),
);

describe.each([
  ['wide', wide],
  ['tall', tall],
] as const)('the %s picture', (_, layout) => {
  const svg = svgOf(layout);

  test('has every state of the machine, by its id', () => {
    const ids = [...svg.matchAll(/ id="(?:state|tall):([\w.]+)"/g)]
      .map(([, id]) => id)
      .filter((id) => id !== 'arrow');
    expect(ids).toHaveLength(states.length);
    expect(new Set(ids)).toEqual(new Set(states.map(({ id }) => id)));
  });

  test('has every way between two states, and no other', () => {
    const drawn = [...svg.matchAll(/ data-edge="([^"]+)"/g)].map(([, way]) => way);
    expect(drawn).toHaveLength(ways.size);
    expect(new Set(drawn)).toEqual(ways);
  });

  test('needs no style of its own, which the page’s policy would refuse', () => {
    expect(svg).not.toMatch(/<style|style=|<script|\bon\w+=|https?:/);
  });
});

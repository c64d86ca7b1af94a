import { afterEach, expect, test, vi } from 'vitest';
import { GraphvizMissingError, toSvg } from '../../../src/adapters/graphviz/index.ts';
import { authMachine } from '../../../src/machines/index.ts';

afterEach(() => {
  vi.doUnmock('@hpcc-js/wasm-graphviz');
  vi.resetModules();
});

test('draws a machine that can be put into a page as it is', async () => {
  const svg = await toSvg(authMachine);
  expect(svg).toMatch(/^<svg role="img" aria-label="The state machine auth" /);
  expect(svg.trimEnd()).toMatch(/<\/svg>$/);
  expect(svg).toContain('id="state:auth.refreshing.renewal.exchanging"');
  expect(svg).toContain('<title>auth.valid.scheduled</title>');
});

test('loads nothing from elsewhere, and runs nothing', async () => {
  const svg = await toSvg(authMachine, { theme: 'dark' });
  const links = [...svg.matchAll(/(?:href|src|url)\s*[=(]\s*"?([^")\s]+)/g)].map(([, link]) => link);
  expect(links).toEqual([]);
  expect(svg).not.toMatch(/<script|<style|<image|<foreignObject|\son\w+=/);
  expect(svg).not.toContain('<!--');
});

test('is the same each time, so that a stored drawing can be told from a stale one', async () => {
  expect(await toSvg(authMachine)).toBe(await toSvg(authMachine));
});

test('says what to install when Graphviz is not there', async () => {
  vi.doMock('@hpcc-js/wasm-graphviz', () => {
    throw new Error('Cannot find package');
  });
  vi.resetModules();
  const { toSvg: without } = await import('../../../src/adapters/graphviz/index.ts');
  const error: unknown = await without(authMachine).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: GraphvizMissingError.name });
  expect(String(error)).toContain('npm install @hpcc-js/wasm-graphviz');
});

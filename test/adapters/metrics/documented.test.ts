import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { meterAuth } from '../../../src/adapters/metrics/index.ts';
import { authMachine } from '../../../src/machines/index.ts';
import { root } from '../../../tools/root.ts';
import { drive } from '../../observe/driven.ts';
import { readingMeter } from './reading-meter.ts';

const page = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8');
const dashboard = readFileSync(join(root, 'docs', 'grafana-dashboard.json'), 'utf8');

const meter = readingMeter();
meterAuth(drive(), { meter });
const instruments = [...meter.instruments.keys()];

/** The names that Prometheus may have for an instrument, whatever its kind. */
const series = new Set(
  instruments.flatMap((name) => {
    const spelled = name.replaceAll('.', '_');
    return [spelled, `${spelled}_total`, `${spelled}_bucket`];
  }),
);
const named = (text: string) => [...new Set(text.match(/\bmatrix_auth_\w+/g) ?? [])];

describe('what is written about metrics', () => {
  test('lists every instrument, and no other', () => {
    const listed = [...page.matchAll(/^\| `(matrix_auth\.\w+)`/gm)].map(([, name]) => name);
    expect(new Set(listed)).toEqual(new Set(instruments));
  });

  test.each([
    ['docs/metrics.md', page],
    ['docs/grafana-dashboard.json', dashboard],
  ])('asks for no series that there is not: %s', (_, text) => {
    expect(named(text).length).toBeGreaterThan(4);
    expect(named(text).filter((name) => !series.has(name))).toEqual([]);
  });

  test('the dashboard knows every state', () => {
    for (const state of Object.keys(authMachine.states)) expect(dashboard).toContain(`state=\\"${state}\\"`);
  });
});

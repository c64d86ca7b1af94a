import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

interface Printed {
  readonly build: string;
  readonly plans: Readonly<Record<string, string>>;
}

const script = join(import.meta.dirname, 'print-plans.ts');

async function plansWith(...flags: readonly string[]): Promise<Printed> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script]);
  return JSON.parse(stdout) as Printed;
}

test('both builds of XState make the same plans', async () => {
  const [production, development] = await Promise.all([plansWith(), plansWith('--conditions=development')]);
  expect([production.build, development.build]).toEqual(['production', 'development']);
  expect(development.plans).toEqual(production.plans);
  for (const name of ['refusals', 'history', 'services']) {
    const golden = readFileSync(join(import.meta.dirname, `golden/${name}.txt`), 'utf8');
    expect(production.plans[name]).toBe(golden);
  }
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

interface Printed {
  readonly build: string;
  readonly plans: Readonly<Record<string, string>>;
}

const script = fileURLToPath(new URL('./print-plans.ts', import.meta.url));

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

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const PAGE = new URL('../../docs/testing-tools.md', import.meta.url);
const TOOLS = new URL('../../src/testing/index.ts', import.meta.url);

test('the example of the page runs as it is printed, and prints what the page says', async () => {
  const page = await readFile(PAGE, 'utf8');
  const example = /```ts\n(?<code>import [\s\S]*?)```/.exec(page)?.groups?.['code'] ?? '';
  const printed = /It prints `(?<line>[^`]+)`/.exec(page)?.groups?.['line'];
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-example-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'try.ts');
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(file, example.replace("'matrix-auth-machine/testing'", `'${TOOLS.href}'`));

  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file]);
  expect(stdout.trim()).toBe(printed);
  expect(stderr).toBe('');
});

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../tools/root.ts';

const readme = await readFile(join(root, 'README.md'), 'utf8');
const testReadme = await readFile(join(root, 'test/README.md'), 'utf8');
const table = testReadme.split('## From the README to the code')[1]?.split('\n## ')[0] ?? '';
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:The README says|---)/.test(line))
  .map((line) => {
    const [, sentence = '', code = '', tests = ''] = line.split(' | ').join('|').split('|');
    return { sentence: sentence.trim(), code: pathsIn(code), tests: pathsIn(tests) };
  });

function pathsIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
}

test.each(rows)('$sentence: stands in the README, and its code and tests are where the table says', (row) => {
  expect(readme).toContain(row.sentence);
  expect(row.code).not.toEqual([]);
  expect(row.tests).not.toEqual([]);
  expect([...row.code, ...row.tests].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(row.code.filter((path) => !path.startsWith('src/'))).toEqual([]);
  expect(row.tests.filter((path) => !path.startsWith('test/'))).toEqual([]);
});

test('every promise under "What it does" is in the table', () => {
  const section = readme.split('## What it does')[1]?.split('\n## ')[0] ?? '';
  const promises = [...section.matchAll(/^- (\*\*[^*]+\*\*)/gm)].map(([, promise = '']) => promise);
  expect(promises).not.toEqual([]);
  expect(promises.filter((promise) => !rows.some(({ sentence }) => sentence === promise))).toEqual([]);
});

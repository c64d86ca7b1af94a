import { expect, test } from 'vitest';
import { codeBelow, repositoryFiles } from './files.ts';
import { withoutComments } from './imports.ts';

const files = repositoryFiles();

/** Every line that fits, as "path:line: text". */
function linesWith(pattern: RegExp, among: ReadonlyMap<string, string>): string[] {
  return [...among].flatMap(([path, content]) =>
    content
      .split('\n')
      .map((line, index) => ({ line, at: `${path}:${index + 1}` }))
      .filter(({ line }) => pattern.test(line))
      .map(({ line, at }) => `${at}: ${line.trim().slice(0, 160)}`),
  );
}

// Put together here, so that this file does not hold what it looks for.
const developersFolder = new RegExp(`(?<![\\w.)}\\]-])/(?:${['home', 'root', 'work', 'Users'].join('|')})/`);
const leftInTest = new RegExp(
  `\\b(?:it|test|describe|suite)(?:\\.\\w+)*\\.(?:${['only', 'skip'].join('|')})\\b`,
);

test('no file names a folder of a developer’s machine', () => {
  expect(files.size).toBeGreaterThan(0);
  expect(linesWith(developersFolder, files)).toEqual([]);
});

const below = (folder: string) => `/${folder}/x`;

test.each([
  [`see ${below('home')}`, true],
  [`file://${below('work')}`, true],
  [`"${below('root')}"`, true],
  [`https://example.org${below('home')}`, false],
  [`.${below('work')}`, false],
  [`\${directory}${below('work')}`, false],
  [below('workers'), false],
])('the pattern of such folders on: %s', (text, found) => {
  expect(developersFolder.test(text)).toBe(found);
});

const lockfiles = [...files].filter(([path]) => path.endsWith('package-lock.json'));

test('the lockfiles are found', () => {
  expect(lockfiles.map(([path]) => path).sort()).toEqual([
    'package-lock.json',
    'tools/mutation/package-lock.json',
    'tools/on-node-24/package-lock.json',
  ]);
});

test.each(lockfiles)('%s names no registry', (_path, content) => {
  const lock: { packages: Record<string, { resolved?: string; link?: boolean }> } = JSON.parse(content);
  // A link leads to a folder of this repository.
  const resolved = Object.entries(lock.packages).filter(
    ([, entry]) => entry.resolved !== undefined && entry.link !== true,
  );
  expect(
    resolved.map(([name]) => `${name}: run npm install again, with the .npmrc of this repository`),
  ).toEqual([]);
});

test('npm ci on Node 20 has no package to warn of', () => {
  const lock: { packages: Record<string, { engines?: { node?: string } }> } = JSON.parse(
    files.get('package-lock.json') ?? '',
  );
  const { '': _, ...installed } = lock.packages;
  const tooNew = Object.entries(installed).filter(([, { engines }]) => !takesNode20(engines?.node ?? '*'));
  expect(tooNew.map(([name]) => `${name} belongs into tools/on-node-24`)).toEqual([]);
});

/** Whether a range such as `^20.19.0 || >=22` holds a Node 20. */
function takesNode20(range: string): boolean {
  return range.split('||').some((part) => {
    const [, operator, major] = /^\s*([\^~>=]*)\s*v?(\d+|\*)/.exec(part) ?? [];
    return (
      major === '*' || Number(major) === 20 || (operator?.startsWith('>') === true && Number(major) < 20)
    );
  });
}

test.each([
  ['*', true],
  ['>=18', true],
  ['^20.19.0 || >=22.12.0', true],
  ['20 || 22', true],
  ['^18 || ^20', true],
  ['>=22.12.0', false],
  ['^22.18.0 || >=24.11.0', false],
  ['^18', false],
])('the range %s holds a Node 20: %s', (range, holds) => {
  expect(takesNode20(range)).toBe(holds);
});

test('no test is left out or left alone by a modifier', () => {
  const code = codeBelow(files, 'test', 'src', 'docs');
  const bare = new Map([...code].map(([path, source]): [string, string] => [path, withoutComments(source)]));
  expect(linesWith(leftInTest, bare)).toEqual([]);
});

test.each([
  [['it', 'only'], true],
  [['describe', 'skip'], true],
  [['test', 'concurrent', 'skip'], true],
  [['describe', 'skipIf'], false],
  [['list', 'only'], false],
])('the pattern of such modifiers on: %s', (words, found) => {
  expect(leftInTest.test(`${words.join('.')}('a', () => {})`)).toBe(found);
});

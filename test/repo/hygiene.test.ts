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

test('package-lock.json names no registry', () => {
  const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(
    files.get('package-lock.json') ?? '',
  );
  const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);
  expect(
    resolved.map(([name]) => `${name}: run npm install again, with the .npmrc of this repository`),
  ).toEqual([]);
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

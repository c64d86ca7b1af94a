import { describe, expect, test } from 'vitest';
import { codeBelow, repositoryFiles } from './files.ts';
import { busyIndexes, forbiddenImports, longerThan } from './house.ts';

const src = codeBelow(repositoryFiles(), 'src');

describe('the house', () => {
  test('every import in src/ respects the layers', () => {
    expect(src.size).toBeGreaterThan(0);
    expect(forbiddenImports(src)).toEqual([]);
  });

  test('every index.ts only re-exports', () => {
    expect(busyIndexes(src)).toEqual([]);
  });

  // A statechart and the list of what can happen to it are each one subject, and are read in one piece.
  const whole = ['src/machines/auth/machine.ts', 'src/machines/auth/model/cases.ts'];
  test('no file in src/ has more than 300 lines, but for the statechart and its cases', () => {
    expect(longerThan(300, src).filter((line) => !whole.some((path) => line.startsWith(path)))).toEqual([]);
  });
});

describe('the import rule', () => {
  const objections = (path: string, source: string) => forbiddenImports(new Map([[path, source]])).length;

  test.each([
    ['a machine imports xstate', 'src/machines/auth/a.ts', "import { setup } from 'xstate';"],
    [
      'a machine imports a part of xstate',
      'src/statechart/paths/paths.ts',
      "import { g } from 'xstate/graph';",
    ],
    ['a machine imports a machine', 'src/machines/auth/a.ts', "import { x } from '../other.ts';"],
    [
      'a machine imports a statechart tool',
      'src/machines/a.ts',
      "import { p } from '../statechart/index.ts';",
    ],
    ['the page imports what it shows', 'src/page/a.ts', "import { f } from '../observe/index.ts';"],
    ['a port imports a builtin', 'src/ports/a.ts', "import { inspect } from 'node:util';"],
    [
      'a port imports types of the machine',
      'src/ports/a.ts',
      "import type { X } from '../machines/index.ts';",
    ],
    ['an adapter imports a port', 'src/adapters/x/a.ts', "import { Secret } from '../../ports/index.ts';"],
    ['an adapter imports the machine', 'src/adapters/x/a.ts', "import { m } from '../../machines/index.ts';"],
    ['an adapter imports its own folder', 'src/adapters/x/y/a.ts', "import { b } from '../b.ts';"],
    ['an adapter imports a package', 'src/adapters/x/a.ts', "import * as v from 'valibot';"],
    ['auth imports adapters', 'src/auth/a.ts', "import { f } from '../adapters/fetch/index.ts';"],
    ['the public face re-exports adapters', 'src/index.ts', "export { f } from './adapters/fetch/index.ts';"],
    [
      'an example in a comment',
      'src/machines/a.ts',
      "/**\n * import fs from 'node:fs';\n */\n// import 'pg';",
    ],
    ['generated source in a template', 'src/machines/a.ts', "const s = `\nimport fs from 'node:fs';\n`;"],
    ['a string called from', 'src/machines/a.ts', "export const from = 'node:fs';"],
  ])('allows: %s', (_, path, source) => {
    expect(objections(path, source)).toBe(0);
  });

  test.each([
    ['a machine imports a builtin', 'src/machines/auth/a.ts', "import fs from 'node:fs';"],
    ['a machine imports a port', 'src/machines/auth/a.ts', "import type { X } from '../../ports/index.ts';"],
    ['a machine loads a package', 'src/machines/a.ts', "const pg = await import('pg');"],
    ['a machine imports for effects', 'src/machines/a.ts', "import 'pg';"],
    ['a machine re-exports a package', 'src/machines/index.ts', "export * from 'valibot';"],
    ['a machine imports over several lines', 'src/machines/a.ts', "import {\n  a,\n  b,\n} from 'valibot';"],
    ['a port imports a package', 'src/ports/a.ts', "import type { Pool } from 'pg';"],
    ['a port imports the machine itself', 'src/ports/a.ts', "import { m } from '../machines/index.ts';"],
    ['a port imports an adapter', 'src/ports/a.ts', "import type { X } from '../adapters/x/index.ts';"],
    [
      'a statechart tool imports a machine',
      'src/statechart/a.ts',
      "import { m } from '../machines/index.ts';",
    ],
    ['observe imports the page', 'src/observe/a.ts', "import { p } from '../page/index.ts';"],
    ['auth imports the page', 'src/auth/a.ts', "import { p } from '../page/index.ts';"],
    ['an adapter imports another', 'src/adapters/x/a.ts', "import { y } from '../y/index.ts';"],
    ['an adapter imports types of another', 'src/adapters/x/a.ts', "import type { Y } from '../y/index.ts';"],
    ['an adapter imports auth', 'src/adapters/x/a.ts', "import { c } from '../../auth/create.ts';"],
    ['an adapter imports the public face', 'src/adapters/x/a.ts', "import { c } from '../../index.ts';"],
    ['auth imports the command line', 'src/auth/a.ts', "import { c } from '../cli/run.ts';"],
    ['src imports a test', 'src/auth/a.ts', "import { c } from '../../test/support/a.ts';"],
    ['src imports itself by name', 'src/auth/a.ts', "import { c } from 'matrix-auth-machine/machine';"],
  ])('refuses: %s', (_, path, source) => {
    expect(objections(path, source)).toBe(1);
  });
});

describe('the rule of the index files', () => {
  const busy = (source: string) => busyIndexes(new Map([['src/x/index.ts', source]])).length;

  test('re-exports of every form, with comments between them, are fine', () => {
    const forms = [
      "export * from './a.ts';",
      "export * as b from './b.ts';",
      "export type { C } from './c.ts';",
    ];
    expect(
      busy(`// The public face.\n${forms.join('\n')}\nexport {\n  d,\n  type E,\n} from './d.ts';\n`),
    ).toBe(0);
  });

  test.each([
    ['a value', 'export const a = 1;'],
    ['a type', 'export type A = 1;'],
    ['an import', "import { a } from './a.ts';\nexport { a };"],
  ])('%s is too much', (_, source) => {
    expect(busy(source)).toBe(1);
  });
});

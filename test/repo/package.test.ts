import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { foreignModules } from '../../tools/budgets/loaded.ts';
import { root } from '../../tools/root.ts';
import { projectWithPackage } from '../support/packed-package.ts';
import { importsOf } from './imports.ts';

const execute = promisify(execFile);

/** Prints what one import of its first argument gives, and every module that it loads. */
const importer = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
const [, , specifier] = process.argv;
const options = specifier.endsWith('.json') ? { with: { type: 'json' } } : {};
const names = Object.keys(await import(specifier, options));
console.log(JSON.stringify({ names, loaded }));
`;

const manifest: {
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
} = packageJson;
const required = Object.keys(manifest.dependencies ?? {});
const declared = [...required, ...Object.keys(manifest.peerDependencies ?? {})];

let directory: string;
let installed: string;

/** An empty project with the packed package and what package.json declares, and nothing else. */
beforeAll(async () => {
  directory = await projectWithPackage(
    declared.filter((dependency) => existsSync(join(root, 'node_modules', dependency))),
  );
  installed = join(directory, 'node_modules', 'matrix-auth-machine');
  await writeFile(join(directory, 'import.mjs'), importer);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function load(specifier: string): Promise<{ names: string[]; loaded: string[]; packages: string[] }> {
  const { stdout } = await execute(process.execPath, ['import.mjs', specifier], { cwd: directory });
  const { names, loaded }: { names: string[]; loaded: string[] } = JSON.parse(
    stdout.trim().split('\n').at(-1) ?? '',
  );
  const packages = loaded.flatMap((url) => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
  return { names, loaded, packages: [...new Set(packages)].filter((name) => name !== 'matrix-auth-machine') };
}

/** `@scope/name/part` -> `@scope/name`. */
function packageOf(specifier: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}

describe('the packed package', () => {
  test('holds what is documented to be in it, and nothing else', async () => {
    const allowed = [...packageJson.files, 'package.json', 'README.md', 'LICENSE'];
    expect((await readdir(installed)).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('holds no pictures', async () => {
    const files = await readdir(installed, { recursive: true });
    expect(files.filter((name) => /\.(png|svg)$/.test(name))).toEqual([]);
  });

  test.each(Object.entries(manifest.exports))(
    'can be imported as %s, with types',
    async (subpath, target) => {
      const { names } = await load(join('matrix-auth-machine', subpath));
      expect(names).not.toEqual([]);
      const types = target.replace(/\.js$/, '.d.ts');
      expect(existsSync(join(installed, types)), `${types} is in the package`).toBe(true);
    },
  );

  test('says in one sentence what each entry is', async () => {
    const untold: string[] = [];
    for (const target of Object.values(manifest.exports).filter((file) => file.endsWith('.js'))) {
      const types = join(installed, target.replace(/\.js$/, '.d.ts'));
      if (
        !/^\/\*\*\n \* [A-Z`][^\n]*(\n \* [^@\n][^\n]*)*\.\n \* @module\n/.test(await readFile(types, 'utf8'))
      )
        untold.push(target);
    }
    expect(untold).toEqual([]);
  });

  test('declares every package that its files import', async () => {
    const entries = await readdir(join(installed, 'dist'), { recursive: true });
    const imported = new Map<string, string>();
    for (const name of entries.filter((entry) => /\.(js|d\.ts)$/.test(entry))) {
      const source = await readFile(join(installed, 'dist', name), 'utf8');
      for (const { specifier } of importsOf(source)) imported.set(packageOf(specifier), name);
    }
    const undeclared = [...imported].filter(
      ([name]) => !/^(node:|\.)/.test(name) && !declared.includes(name),
    );
    expect(
      undeclared.map(([name, by]) => `${name} is neither a dependency nor a peer; dist/${by} imports it`),
    ).toEqual([]);
  });

  test('loads no client library, no database, no page and no test plans until it is asked to', async () => {
    const { loaded } = await load('matrix-auth-machine');
    expect(loaded.length).toBeGreaterThan(5);
    expect(foreignModules(loaded)).toEqual([]);
  });

  test('has one and the same of what several entries give', async () => {
    const entries = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'));
    await writeFile(
      join(directory, 'shared.mjs'),
      `const entries = await Promise.all(process.argv.slice(2).map((entry) => import(entry)));
       const given = new Map();
       for (const [name, value] of entries.flatMap((entry) => Object.entries(entry)))
         given.set(name, (given.get(name) ?? new Set()).add(value));
       console.log(JSON.stringify([...given].filter(([, values]) => values.size > 1).map(([name]) => name)));`,
    );
    const specifiers = entries.map((subpath) => join('matrix-auth-machine', subpath));
    const { stdout } = await execute(process.execPath, ['shared.mjs', ...specifiers], { cwd: directory });
    expect(JSON.parse(stdout)).toEqual([]);
  });

  test('gives the bare machine with nothing but xstate', async () => {
    expect((await load('matrix-auth-machine/machine')).packages).toEqual(['xstate']);
  });
});

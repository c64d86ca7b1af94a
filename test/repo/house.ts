import { posix } from 'node:path';
import { besidesReExports, type Import, importsOf } from './imports.ts';

/** Paths relative to the repository's root, and what the files hold. */
type Files = ReadonlyMap<string, string>;

/** Where a file stands in the house: `machines`, `ports`, `adapters/fetch`, `auth`, `cli`, or `` for the root of `src`. */
function roomOf(path: string): string {
  const [, first = '', second = '', ...rest] = path.split('/');
  if (second === '') return '';
  return first === 'adapters' && rest.length > 0 ? `adapters/${second}` : first;
}

/** Says why the file in room `from` may not have this import; `undefined` if it may. */
function objection(from: string, path: string, { specifier, typeOnly }: Import): string | undefined {
  if (!specifier.startsWith('.')) return objectionToPackage(from, specifier);
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith('src/')) return 'is outside of src/, which is all that is published';
  const to = roomOf(target);
  if (to === from) return undefined;
  if (from === 'machines')
    return 'machines/ imports xstate and itself: what it needs is given to it as an actor';
  if (from === 'ports') {
    return to === 'machines' && typeOnly ? undefined : 'ports/ imports node:, itself, and types of machines/';
  }
  if (from.startsWith('adapters/')) {
    if (to.startsWith('adapters/'))
      return 'an adapter never imports another one: src/auth and src/cli wire them';
    return to === 'ports' || to === 'machines'
      ? undefined
      : 'an adapter imports ports/, machines/, its own folder and packages';
  }
  return from !== 'cli' && to === 'cli' ? 'nothing imports the command line' : undefined;
}

function objectionToPackage(from: string, specifier: string): string | undefined {
  if (from === 'machines' && !/^xstate($|\/)/.test(specifier)) return 'machines/ imports xstate and itself';
  if (from === 'ports' && !specifier.startsWith('node:'))
    return 'ports/ imports node:, itself, and types of machines/';
  return specifier.startsWith('matrix-auth-machine')
    ? 'the package does not import itself by name'
    : undefined;
}

/** The imports that break the layers of the house, one sentence each. */
export function forbiddenImports(files: Files): string[] {
  return [...files].flatMap(([path, source]) =>
    importsOf(source).flatMap((found) => {
      const reason = objection(roomOf(path), path, found);
      return reason === undefined ? [] : [`${path} imports ${found.specifier}: ${reason}`];
    }),
  );
}

/** The index files that hold more than re-exports, with the first line of what does not belong there. */
export function busyIndexes(files: Files): string[] {
  return [...files]
    .filter(([path]) => posix.basename(path) === 'index.ts')
    .map(([path, source]) => [path, besidesReExports(source).split('\n', 1)[0]])
    .filter(([, rest]) => rest !== '')
    .map(([path, rest]) => `${path} does more than re-export: ${rest}`);
}

/** The files with more lines than that. */
export function longerThan(limit: number, files: Files): string[] {
  return [...files]
    .map(([path, source]): [string, number] => [path, source.trimEnd().split('\n').length])
    .filter(([, lines]) => lines > limit)
    .map(([path, lines]) => `${path} has ${lines} lines; split it by subject`);
}

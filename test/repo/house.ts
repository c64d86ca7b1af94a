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

/** What each room may import of the others. `types:` stands before a room of which only types may be imported. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  statechart: [],
  machines: ['statechart'],
  ports: ['types:machines'],
  adapters: ['ports', 'machines'],
  'adapters/homeserver': ['ports', 'machines', 'adapters/http'],
  'adapters/sign-in': ['ports', 'machines', 'adapters/http'],
  'adapters/metrics': ['ports', 'machines', 'observe'],
  'adapters/graphviz': ['statechart'],
  'adapters/matrix-js-sdk': ['ports', 'machines', 'adapters/sync'],
  'adapters/matrix-bot-sdk': ['ports', 'machines', 'adapters/sync'],
  observe: ['machines', 'ports', 'statechart'],
  page: ['observe', 'machines', 'statechart'],
  testing: ['ports', 'machines', 'statechart'],
  auth: ['adapters', 'machines', 'observe', 'ports'],
  cli: ['adapters', 'auth', 'machines', 'observe', 'page', 'ports', 'statechart', 'testing'],
};

/** Says why the file in room `from` may not have this import; `undefined` if it may. */
function objection(from: string, path: string, { specifier, typeOnly }: Import): string | undefined {
  if (!specifier.startsWith('.')) return objectionToPackage(from, specifier);
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith('src/')) return 'is outside of src/, which is all that is published';
  const to = roomOf(target);
  if (to === from || from === '') return undefined;
  const [floor = ''] = from.split('/');
  const allowed = mayImport[from] ?? mayImport[floor] ?? [];
  if (from.startsWith('adapters/') && to.startsWith('adapters/') && !allowed.includes(to))
    return 'an adapter never imports another one: src/auth and src/cli wire them';
  const [wanted = ''] = to.split('/');
  if (allowed.includes(to) || allowed.includes(wanted) || (typeOnly && allowed.includes(`types:${wanted}`))) {
    return undefined;
  }
  return `${from}/ may import ${['itself', ...allowed].join(', ')}`;
}

function objectionToPackage(from: string, specifier: string): string | undefined {
  if (/^(machines|statechart)$/.test(from) && !/^xstate($|\/)/.test(specifier))
    return `${from}/ imports no package but xstate`;
  if (from === 'ports' && !specifier.startsWith('node:')) return 'ports/ imports no package but node:';
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

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from '../child.ts';

/** Prints every module that an import of its argument loads. */
const lister = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
await import(process.argv[1]);
console.log(JSON.stringify(loaded));
`;

/** The folders of `src/` that `import 'matrix-auth-machine'` may load from. A folder in one of them is another one. */
const folders = [
  ...['adapters/credentials', 'adapters/fetch', 'adapters/homeserver', 'adapters/http', 'adapters/outbox'],
  // The store in memory, and what keeps a session in any store; no database.
  ...['adapters/sessions', 'adapters/sessions/shared'],
  ...[
    'adapters/sign-in',
    'adapters/sign-in/application-service',
    'adapters/sign-in/ask',
    'adapters/sign-in/jwt',
  ],
  ...[
    'adapters/sign-in/login-token',
    'adapters/sign-in/password',
    'adapters/sign-in/shared',
    'adapters/sign-in/token',
  ],
  ...[
    'auth',
    'auth/fleet',
    'auth/voice',
    'machines',
    'machines/auth',
    'observe',
    'observe/words',
    'ports',
    'statechart',
  ],
];
const packages = ['xstate', 'valibot'];
const own = 'matrix-auth-machine';

/** What `import` of this file of ours loads, as URLs. @throws with the output, if it cannot be imported */
export async function modulesLoadedBy(file: string): Promise<string[]> {
  const { ok, stdout, output } = await run('node', ['--input-type=module', '--eval', lister, file]);
  if (!ok) throw new Error(`${file} cannot be imported:\n${output}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as string[];
}

/** Those of the modules that the package's main entry has no business with: an SDK, a database, the page and so on. */
export function foreignModules(urls: readonly string[]): string[] {
  return urls.flatMap(sourcesOf).filter((source) => {
    const name = packageOf(source);
    if (name !== undefined) return !packages.includes(name);
    const [, path] = /\/src\/(.+)$/.exec(source) ?? [];
    if (path === undefined) return /^node:(sqlite|https?|net|tls|worker_threads|child_process)$/.test(source);
    const folder = path.split('/').slice(0, -1).join('/');
    return folder !== '' && !folders.includes(folder);
  });
}

/** What a bundle of ours was made of, as its source map says; anything else is its own source. */
function sourcesOf(url: string): readonly string[] {
  if (!url.includes('/dist/') || ![undefined, own].includes(packageOf(url))) return [url];
  const map = readFileSync(`${fileURLToPath(url)}.map`, 'utf8');
  return (JSON.parse(map) as { readonly sources: readonly string[] }).sources;
}

/** `@scope/name`, if it is of an installed package. */
function packageOf(url: string): string | undefined {
  return /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
}

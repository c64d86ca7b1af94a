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
  return urls.filter((url) => {
    const [, packageName] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
    if (packageName !== undefined && packageName !== own) return !packages.includes(packageName);
    const [, path] = /\/(?:src|dist)\/(.+)$/.exec(url) ?? [];
    if (path === undefined) return /^node:(sqlite|https?|net|tls|worker_threads|child_process)$/.test(url);
    const folder = path.split('/').slice(0, -1).join('/');
    return folder !== '' && !folders.includes(folder);
  });
}

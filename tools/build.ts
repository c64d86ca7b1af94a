// `npm run build`: the package, into `dist` or into the folder that is given. Loading a hundred and fifty small files
// takes longer than what is in them, so the entries come bundled, with what they share in chunks of their own: no entry
// loads what it does not use, and a class is the same one in all of them.
import { cp, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import packageJson from '../package.json' with { type: 'json' };
import { run } from './child.ts';
import { root } from './root.ts';

const out = resolve(root, process.argv[2] ?? 'dist');

const { exports: entries, bin, dependencies, peerDependencies } = packageJson;

/** `adapters/metrics/index`, say: in `src` and in `dist` alike. */
const modules = [...Object.values(entries), ...Object.values(bin)].flatMap(
  (file) => /^\.\/dist\/(.+)\.js$/.exec(file)?.[1] ?? [],
);

async function writeTypes(): Promise<void> {
  const { ok, output } = await run('tsc', ['-p', 'tsconfig.build.json', '--outDir', out]);
  process.stdout.write(output);
  if (!ok) process.exitCode = 1;
}

async function writeBundles(): Promise<void> {
  const installed = Object.keys({ ...dependencies, ...peerDependencies });
  const bundle = await rolldown({
    input: Object.fromEntries(modules.map((name) => [name, join(root, 'src', `${name}.ts`)])),
    platform: 'node',
    external: [/^node:/, ...installed.map((name) => new RegExp(`^${name}($|/)`))],
  });
  await bundle.write({
    dir: out,
    entryFileNames: '[name].js',
    // By its content: what a running bot loads later is what it was started with, or it is not there.
    chunkFileNames: 'chunks/[name]-[hash].js',
    minifyInternalExports: false,
    sourcemap: true,
    comments: { legal: true, annotation: true, jsdoc: false },
    // As if it were built in its place, wherever it is built.
    sourcemapPathTransform: (source, map) =>
      relative(dirname(map), join(out, '..', relative(root, resolve(dirname(map), source)))),
    codeSplitting: { groups: [{ name: 'valibot', test: /node_modules\/valibot\// }] },
  });
  await bundle.close();
  // Of valibot only what is used is in the bundles, and what is said of it has to come with it.
  await cp(join(root, 'node_modules/valibot/LICENSE.md'), join(out, 'chunks/valibot-LICENSE.md'));
}

await rm(out, { recursive: true, force: true });
await Promise.all([writeTypes(), writeBundles()]);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { toolEnvironment } from './child.ts';
import { root } from './root.ts';

/** The packages that need a newer Node than the oldest one that `npm ci` can be started with. */
const onNode24 = 'tools/on-node-24';

/** Those of their commands that belong in `node_modules/.bin`. */
const commands = { vitest: 'vitest/vitest.mjs' };

/**
 * Installs what the package.json in this folder names, unless its lockfile has been installed already.
 * npm itself runs on Node 24 here, so it warns of no package that an older Node is too old for.
 * @throws if npm fails; its output has been printed then.
 */
export async function installOwnPackage(folder: string): Promise<void> {
  const lockfile = await readFile(join(root, folder, 'package-lock.json'), 'utf8');
  const installed = join(root, folder, 'node_modules', '.installed-lockfile');
  if (existsSync(installed) && (await readFile(installed, 'utf8')) === lockfile) return;
  const options = { cwd: join(root, folder), env: toolEnvironment() };
  const npm = spawn('npm', ['ci', '--no-progress'], { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(npm, 'close');
  if (code !== 0) throw new Error(`npm ci failed in ${folder}, with exit code ${String(code)}.`);
  await writeFile(installed, lockfile);
}

/** Installs the packages of `tools/on-node-24`, and links them into `node_modules`, from where the code imports them. */
export async function installOnNode24(): Promise<void> {
  // A link leads to the node_modules of another checkout, which has them.
  if ((await lstat(join(root, 'node_modules'))).isSymbolicLink()) return;
  await installOwnPackage(onNode24);
  const manifest = JSON.parse(await readFile(join(root, onNode24, 'package.json'), 'utf8'));
  const names = Object.keys(manifest.dependencies);
  for (const name of names) await link(name, name);
  for (const [command, path] of Object.entries(commands)) await link(join('.bin', command), path);
}

/** `npm install NAME` removes such links again, so each run looks for them. */
async function link(name: string, path: string): Promise<void> {
  const at = join(root, 'node_modules', name);
  const target = join(root, onNode24, 'node_modules', path);
  if (existsSync(at) && (await lstat(at)).isSymbolicLink()) return;
  await rm(at, { recursive: true, force: true });
  await mkdir(dirname(at), { recursive: true });
  await symlink(relative(dirname(at), target), at);
}

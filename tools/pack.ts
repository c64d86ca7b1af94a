import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './child.ts';
import { root } from './root.ts';

/**
 * Builds the package and packs it inside `directory`; returns the path of the tarball. It works on a copy: what an
 * earlier build left in `dist` does not get in, and whoever uses `dist` meanwhile is not disturbed.
 * Throws an `Error` with the whole output of the step that failed.
 */
export async function packInto(directory: string): Promise<string> {
  const copy = join(directory, 'package');
  await mkdir(copy, { recursive: true });
  await Promise.all([
    copyPublished(copy),
    succeed('The build', 'node', ['tools/build.ts', join(copy, 'dist')], root),
  ]);
  const options = ['--ignore-scripts', '--offline', '--json', '--pack-destination', directory];
  const packed = await succeed('npm pack', 'npm', ['pack', ...options], copy);
  return join(directory, tarballName(packed));
}

/** Copies what package.json names under `files`, except `dist`, and what npm packs without being told. */
async function copyPublished(copy: string): Promise<void> {
  const { files }: { files: readonly string[] } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const published = (await readdir(root)).filter(
    (name) => name === 'package.json' || /^(readme|licen[cs]e)/i.test(name) || files.includes(name),
  );
  await Promise.all(
    published
      .filter((name) => name !== 'dist')
      .map((name) => cp(join(root, name), join(copy, name), { recursive: true })),
  );
}

async function succeed(what: string, command: string, args: readonly string[], cwd: string): Promise<string> {
  const { ok, stdout, output } = await run(command, args, cwd);
  if (!ok) throw new Error(`${what} failed (${command} ${args.join(' ')}):\n${output}`);
  return stdout;
}

function tarballName(npmPackJson: string): string {
  const answer: readonly { filename: string }[] = JSON.parse(npmPackJson);
  const [packed] = answer;
  if (packed === undefined) throw new Error(`npm pack named no tarball: ${npmPackJson}`);
  return packed.filename;
}

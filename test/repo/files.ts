import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../tools/root.ts';

/**
 * The repository's text files, path to content: those that Git tracks, and those that it would with the next `git add`.
 * Paths are relative to the root and have forward slashes.
 */
export function repositoryFiles(): ReadonlyMap<string, string> {
  // A clone that belongs to another user (a container's volume) is read all the same.
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const names = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\0');
  return new Map(
    names
      .filter((name) => name !== '' && isFile(join(root, name)))
      .map((name): [string, string] => [name, readFileSync(join(root, name), 'utf8')])
      .filter(([, content]) => !content.includes('\0')),
  );
}

/** Not a link, and not a file that was deleted without telling Git. */
function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The TypeScript files below one of these folders. */
export function codeBelow(files: ReadonlyMap<string, string>, ...folders: string[]): Map<string, string> {
  return new Map(
    [...files].filter(
      ([name]) => name.endsWith('.ts') && folders.some((folder) => name.startsWith(`${folder}/`)),
    ),
  );
}

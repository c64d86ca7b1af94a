import { glob, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { root } from '../../tools/root.ts';

/** The test files with a long form, which say themselves how many rounds it has. */
export async function filesWithLongForm(): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob('test/**/*.test.ts', { cwd: root })) {
    if (/from '(?:\.\.\/)+support\/long\.ts'/.test(await readFile(join(root, file), 'utf8'))) {
      files.push(file.replaceAll(sep, '/'));
    }
  }
  return files.toSorted();
}

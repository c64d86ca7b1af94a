import { glob, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { root } from '../../tools/root.ts';

/** The test files with a long form, which say themselves how many rounds it has. */
export const filesWithLongForm = (): Promise<string[]> =>
  filesThatHave(/from '(?:\.\.\/)+support\/long\.ts'/);

/** The test files with a suite that `npm test` runs on real Synapse alone, where there is one. */
export const filesOnBoth = (): Promise<string[]> =>
  filesThatHave(/^(?![^]*alwaysOnBoth: true)[^]*\bdescribeOn(?:Both|Stores)\(/);

async function filesThatHave(code: RegExp): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob('test/**/*.test.ts', { cwd: root })) {
    if (code.test(await readFile(join(root, file), 'utf8'))) files.push(file.replaceAll(sep, '/'));
  }
  return files.toSorted();
}

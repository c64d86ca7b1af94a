import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../tools/root.ts';
import { askOffice } from './office.ts';

/** The path of this package as it would be published. It is packed once for all test files of a run. */
export async function packedPackage(): Promise<string> {
  const answer = await askOffice<string>('package');
  if ('unavailable' in answer) throw new Error(answer.unavailable);
  return answer.given;
}

/**
 * Makes an empty project after `npm install`: the packed package, unpacked where npm puts it. The others, which npm
 * would fetch, are linked from here, so that this needs no registry. Returns its folder.
 */
export async function projectWithPackage(others: readonly string[]): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-author-'));
  const installed = join(project, 'node_modules', 'matrix-auth-machine');
  await mkdir(installed, { recursive: true });
  const args = ['-xzf', await packedPackage(), '-C', installed, '--strip-components=1'];
  await promisify(execFile)('tar', args);
  for (const name of others) {
    const link = join(project, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules', name), link);
  }
  return project;
}

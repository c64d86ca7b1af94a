import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A disk of its own, in memory. */
export interface SmallDisk {
  readonly path: string;
  readonly setReadOnly: (readOnly: boolean) => void;
}

function mount(options: string): { readonly disk: SmallDisk; readonly unmount: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'matrix-auth-machine-disk-'));
  const path = join(folder, 'disk');
  mkdirSync(path, { mode: 0o700 });
  const quietly = { stdio: 'ignore' } as const;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], quietly);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  return {
    disk: {
      path,
      setReadOnly: (readOnly) => {
        execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, path], quietly);
      },
    },
    unmount: () => {
      execFileSync('umount', [path], quietly);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Why a disk cannot be mounted here, if so. */
export function mountingRefused(): string | undefined {
  try {
    mount('size=64k').unmount();
    return undefined;
  } catch {
    return 'mounting a disk is not allowed here';
  }
}

/** A disk of `kilobytes`, until the test has finished. */
export function smallDisk(kilobytes: number): SmallDisk {
  const { disk, unmount } = mount(`size=${kilobytes}k,mode=700`);
  onTestFinished(unmount);
  return disk;
}

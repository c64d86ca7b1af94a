import { join } from 'node:path';

/**
 * How to run the Python of an unpacked Debian root: through the root's own loader and C library, because the
 * machine's may be older than what that Python was built against.
 */
export function pythonOf(root: string): {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  return {
    command: join(libraries, 'ld-linux-x86-64.so.2'),
    args: ['--library-path', libraries, join(root, 'usr/bin/python3')],
    env: {
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      PYTHONHOME: join(root, 'usr'),
      PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
      PYTHONNOUSERSITE: '1',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  };
}

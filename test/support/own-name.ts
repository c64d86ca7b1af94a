import { fileURLToPath } from 'node:url';

const src = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

/** The package's own name means its sources in tests, so that the examples of the docs run as they are printed. */
export const ownName = [
  { find: /^matrix-auth-machine$/, replacement: src('index.ts') },
  { find: /^matrix-auth-machine\/machine$/, replacement: src('machines/index.ts') },
  {
    find: /^matrix-auth-machine\/(sqlite|postgres)$/,
    replacement: src('adapters/sessions/$1/index.ts'),
  },
  { find: /^matrix-auth-machine\/(.+)$/, replacement: src('adapters/$1/index.ts') },
];

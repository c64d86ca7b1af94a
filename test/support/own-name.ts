import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const { name, exports: entries } = JSON.parse(readFileSync(path('package.json'), 'utf8')) as {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
};

/** The package's own name means its sources in tests, so that the examples of the docs run as they are printed. */
export const ownName = Object.entries(entries)
  .filter(([, file]) => file.endsWith('.js'))
  .map(([entry, file]) => ({
    find: new RegExp(`^${name}${entry.slice(1)}$`),
    replacement: path(file.replace('./dist/', 'src/').replace(/\.js$/, '.ts')),
  }));

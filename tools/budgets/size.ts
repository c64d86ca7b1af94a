import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type OutputChunk, rolldown } from 'rolldown';
import { root } from '../root.ts';

const ENTRY = 'budget-entry.ts';

/** What a bundle takes, in bytes. */
export interface Size {
  readonly minified: number;
  readonly gzipped: number;
}

/**
 * What a browser or a function in a cloud would load for `import { name } from file`, minified and gzipped: with the
 * packages that it needs, but without xstate, and without what is loaded later, if at all.
 */
export async function sizeOf(name: string, file: string): Promise<Size> {
  const source = `export { ${name} } from ${JSON.stringify(join(root, file))};`;
  const bundle = await rolldown({
    input: ENTRY,
    platform: 'node',
    external: [/^node:/, /^xstate($|\/)/, 'oauth4webapi'],
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? id : undefined),
        load: (id) => (id === ENTRY ? source : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk');
  const loaded = new Set<OutputChunk>();
  const load = (chunk: OutputChunk | undefined): void => {
    if (chunk === undefined || loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const imported of chunk.imports) load(chunks.find(({ fileName }) => fileName === imported));
  };
  load(chunks.find(({ isEntry }) => isEntry));
  const code = [...loaded].map((chunk) => chunk.code).join('');
  return { minified: Buffer.byteLength(code), gzipped: gzipSync(code, { level: 9 }).length };
}

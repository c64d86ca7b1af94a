// `npm run docs`: writes what the docs have from the code, between the markers `<!-- generated:… -->` and
// `<!-- example:… -->`, and the machine's pictures. With --check it only says which file is stale.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generatedDocs } from './docs/generated.ts';
import { root } from './root.ts';

const stale = (await generatedDocs()).filter(({ content, current }) => content !== current);
if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is stale: run "npm run docs" and commit the result.`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { path, content } of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    console.log(`Wrote ${path}.`);
  }
  if (stale.length === 0) console.log('The docs are up to date.');
}

// `npm run bench`: measures, prints the table, and puts it into docs/performance.md.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/root.ts';
import { burst } from './burst.ts';
import { expiry } from './expiry.ts';
import { heap } from './heap.ts';
import type { Row } from './measure.ts';
import { overhead } from './overhead.ts';

const PAGE = join(root, 'docs', 'performance.md');
const BETWEEN = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/;

function table(rows: readonly Row[]): string {
  const cells = [
    ['What', 'Median', 'Runs'],
    ['---', '---', '---'],
    ...rows.map(({ what, result, runs }) => [what, result, runs]),
  ];
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} on ${process.arch}`;
  return `${cells.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\nMeasured on: ${machine}.\n`;
}

const rows: Row[] = [];
for (const bench of [overhead, expiry, burst, heap]) {
  process.stdout.write(`${bench.name} …\n`);
  rows.push(await bench());
}
const result = table(rows);
process.stdout.write(`\n${result}`);
const page = await readFile(PAGE, 'utf8');
if (!BETWEEN.test(page)) throw new Error('docs/performance.md has no <!-- bench --> and <!-- /bench -->.');
await writeFile(
  PAGE,
  page.replace(BETWEEN, (_, start: string, end: string) => `${start}\n${result}\n${end}`),
);

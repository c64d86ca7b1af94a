// `npm run bench`: measures, prints the table, and puts it into docs/performance.md.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/root.ts';
import { burst } from './burst.ts';
import { expiry } from './expiry.ts';
import { heap } from './heap.ts';
import type { Row } from './measure.ts';
import { observing } from './observing.ts';
import { overhead } from './overhead.ts';

const PAGE = join(root, 'docs', 'performance.md');
const [load] = loadavg();
const BETWEEN = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/;

/** As the formatter wants it: columns as wide as their widest cell. */
function table(rows: readonly Row[]): string {
  const cells = [['What', 'Median', 'Runs'], ...rows.map(({ what, result, runs }) => [what, result, runs])];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = '', ...body] = cells.map(line);
  const rule = line(widths.map((width) => '-'.repeat(width)));
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} on ${process.arch}, load average ${load?.toFixed(1)} before`;
  return `${[head, rule, ...body].join('\n')}\n\nMeasured on: ${machine}.\n`;
}

const rows: Row[] = [];
for (const bench of [overhead, expiry, burst, observing, heap]) {
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

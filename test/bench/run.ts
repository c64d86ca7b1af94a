// `npm run bench`: measures, prints the table, and puts it into docs/performance.md and docs/performance.json.
// `npm run bench -- recovery herd` measures only these, and writes nothing.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/root.ts';
import { ahead } from './ahead.ts';
import { encrypted } from './encrypted.ts';
import { fetchCost } from './fetch-cost.ts';
import { fleet } from './fleet.ts';
import { fleetLimit } from './fleet-limit.ts';
import { footprint } from './footprint.ts';
import { herd } from './herd.ts';
import { idle } from './idle.ts';
import type { Row } from './measure.ts';
import { observing } from './observing.ts';
import { overhead } from './overhead.ts';
import { postgresRotations } from './postgres-rotations.ts';
import { recovery } from './recovery.ts';
import { sharedFleet } from './shared-fleet.ts';
import { soak } from './soak.ts';
import { sqliteRotation } from './sqlite-rotation.ts';

const PAGE = join(root, 'docs', 'performance.md');
const RESULTS = join(root, 'docs', 'performance.json');
const BETWEEN = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/;

const benches: Readonly<Record<string, () => Promise<Row | readonly Row[]>>> = {
  ...{ fetchCost, overhead, recovery, herd, ahead, idle, fleet, fleetLimit, sharedFleet },
  ...{ sqliteRotation, postgresRotations, encrypted, footprint, soak, observing },
};

/** As the formatter wants it: columns as wide as their widest cell. */
function table(rows: readonly Row[]): string {
  const cells = [
    ['What', 'Measured', 'Reach', '', 'Runs'],
    ...rows.map(({ what, result, reach = '', reached, runs }) => [
      what,
      result,
      reach,
      verdict(reached),
      runs,
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = '', ...body] = cells.map(line);
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

function verdict(reached: boolean | undefined): string {
  if (reached === undefined) return '';
  return reached ? 'reached' : '**missed**';
}

const [load = 0] = loadavg();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`There is no ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.\n`);
  process.exit(2);
}

const begunAt = performance.now();
const rows: Row[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const startedAt = performance.now();
  process.stdout.write(`${name} …`);
  rows.push(...[await bench()].flat());
  process.stdout.write(` ${((performance.now() - startedAt) / 1_000).toFixed(0)} s\n`);
}
const missed = rows.filter(({ reached }) => reached === false);
const machine = {
  ...{ cores: availableParallelism(), cpu: cpus()[0]?.model ?? '', loadBefore: load },
  ...{ node: process.versions.node, platform: process.platform, arch: process.arch },
};
const { cores, cpu, node, platform, arch } = machine;
const measuredOn = `Measured on: ${cores} cores (${cpu}), Node ${node}, ${platform} on ${arch}, load average ${load.toFixed(1)} before.`;
process.stdout.write(`\n${table(rows)}\n\n${measuredOn}\n`);
process.stdout.write(
  `${rows.length - missed.length} reached, ${missed.length} missed, in ${((performance.now() - begunAt) / 60_000).toFixed(1)} minutes.\n`,
);

if (wanted.length === 0) {
  const page = await readFile(PAGE, 'utf8');
  if (!BETWEEN.test(page)) throw new Error('docs/performance.md has no <!-- bench --> and <!-- /bench -->.');
  const text = `\n${table(rows)}\n\n${measuredOn}\n\n`;
  await writeFile(
    PAGE,
    page.replace(BETWEEN, (_, start: string, end: string) => start + text + end),
  );
  await writeFile(RESULTS, `${JSON.stringify({ machine, rows }, undefined, 2)}\n`);
}
process.exitCode = missed.length === 0 ? 0 : 1;

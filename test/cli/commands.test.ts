import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { authPathPlans } from '../../src/testing/index.ts';
import { cli, runNode } from './cli.ts';
import { cliMain } from '../support/cli-main.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-cli-'));
  const made = folder;
  return () => rm(made, { recursive: true });
});

const at = (name: string) => join(folder, name);
const read = (name: string) => readFile(at(name), 'utf8');

test('help names every command, and every command has examples', async () => {
  const help = await cli('--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  const commands = [
    'init',
    'login',
    'logout',
    'sessions',
    'devices',
    'doctor',
    'status',
    'watch',
    'generate-tests',
    'diagram',
  ];
  for (const command of commands) {
    expect(help.stdout).toContain(command);
    const { code, stdout } = await cli(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Examples:\n  matrix-auth-machine ${command}`);
  }
});

test('main runs it, and ends with its exit code', async () => {
  expect(await runNode(folder, [cliMain, '--version'])).toEqual({
    code: 0,
    stdout: `${packageJson.version}\n`,
    stderr: '',
  });
  expect((await runNode(folder, [cliMain, 'nonsense'])).code).toBe(2);
});

test.each([
  [['nonsense'], "unknown command 'nonsense'"],
  [['diagram', '--format', 'png'], 'Allowed choices are mermaid, dot, json, svg'],
  [['diagram', '--nonsense'], "unknown option '--nonsense'"],
  [['diagram', '--machine', 'none.js'], 'there is no file'],
  [['generate-tests', '--json'], '--json is for --list'],
  [['generate-tests', '--out', 'tests.txt'], 'give a name that Vitest takes for'],
])('a command line that cannot be carried out ends with 2: %j', async (args, words) => {
  const { code, stdout, stderr } = await cli(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`error: `);
  expect(stderr).toContain(words);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('generate-tests --list prints the plans, for people and as JSON', async () => {
  const list = await cli('generate-tests', '--list');
  for (const { id, name } of authPathPlans) expect(list.stdout).toContain(`${id}: ${name}\n`);
  const json = await cli('generate-tests', '--list', '--json');
  expect(JSON.parse(json.stdout)).toEqual(authPathPlans);
  await expect(read('test/auth-paths.test.ts')).rejects.toThrow('ENOENT');
});

test('generate-tests writes the tests anew each time, and the driver once', async () => {
  const first = await cli('generate-tests', '--out', at('test/auth-paths.test.ts'));
  expect(first.code).toBe(0);
  const tests = await read('test/auth-paths.test.ts');
  for (const { name, done } of authPathPlans) {
    expect(tests).toContain(`test('when ${name}'`);
    for (const [index, sentence] of done.entries())
      expect(tests).toContain(`  //   ${index + 1}. ${sentence}\n`);
  }
  await writeFile(at('test/auth-paths.bot.ts'), '// mine\n');
  await writeFile(at('test/auth-paths.test.ts'), tests.replace(/ {2}test\([\s\S]*/, '});\n'));

  const second = await cli('generate-tests', '--out', at('test/auth-paths.test.ts'));
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(second.stdout).toContain(`Kept ${at('test/auth-paths.bot.ts')}`);
  expect(await read('test/auth-paths.test.ts')).toBe(tests);
  expect(await read('test/auth-paths.bot.ts')).toBe('// mine\n');
});

test('generate-tests leaves a file alone that it did not write', async () => {
  await writeFile(at('my.test.js'), '// mine\n');
  const { code, stderr } = await cli('generate-tests', '--out', at('my.test.js'));
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: --out: \S*my\.test\.js is there already.*--out/);
  expect(await read('my.test.js')).toBe('// mine\n');
});

test.each([
  ['mermaid', /^stateDiagram-v2\n[\s\S]*refreshing/],
  ['dot', /^digraph [\s\S]*refreshing/],
  ['json', /^\{\n {2}"root"[\s\S]*\}\n$/],
  ['svg', /^<svg [\s\S]*refreshing[\s\S]*<\/svg>\n$/],
])('diagram --format %s', async (format, content) => {
  const { code, stdout, stderr } = await cli('diagram', '--format', format);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(content);
});

test('diagram --machine draws a machine of one’s own', async () => {
  const xstate = import.meta.resolve('xstate');
  await writeFile(
    at('door.mjs'),
    `import { createMachine } from '${xstate}';\nexport const door = createMachine({ id: 'door', initial: 'shut', states: { shut: {} } });\nexport const key = {};\n`,
  );
  const drawn = await cli('diagram', '--machine', at('door.mjs#door'));
  expect(drawn).toMatchObject({ code: 0, stderr: '' });
  expect(drawn.stdout).toContain('shut');

  const unnamed = await cli('diagram', '--machine', at('door.mjs'));
  expect(unnamed.code).toBe(2);
  expect(unnamed.stderr).toMatch(
    /the export "default" of \S*door\.mjs is not there\. Machines in it: \S*door\.mjs#door\./,
  );
  const wrong = await cli('diagram', '--machine', at('door.mjs#key'));
  expect(wrong.stderr).toMatch(/the export "key" of \S*door\.mjs is no state machine of XState 5/);

  await writeFile(at('broken.mjs'), 'throw new Error("out of order");\n');
  const broken = await cli('diagram', '--machine', at('broken.mjs'));
  expect(broken).toMatchObject({ code: 2, stdout: '' });
  expect(broken.stderr).toContain('broken.mjs threw while it was loaded: Error: out of order.');
});

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { root } from '../../tools/root.ts';
import { projectWithPackage } from '../support/packed-package.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';
import { type Ran, runNode } from './cli.ts';

const examples = join(root, 'docs/examples/testing');

let project: string;
let driver: string;
let generated: Ran;

const missingPython = spawnSync('python3', ['--version']).status === 0 ? undefined : 'there is no python3';

/** A slow machine is no failure: processes start processes here. */
const limits = { timeout: 240_000 };

beforeAll(async () => {
  const others = [...Object.keys(packageJson.dependencies), 'xstate', 'matrix-js-sdk', 'vitest'];
  project = await projectWithPackage(others);
  driver = join(project, 'test/auth-paths.bot.ts');
  await writeFile(join(project, 'package.json'), '{ "type": "module" }\n');
  const bin = join(project, 'node_modules/matrix-auth-machine', packageJson.bin['matrix-auth-machine']);
  generated = await runNode(project, [bin, 'generate-tests']);
}, 240_000);

afterAll(() => rm(project, { recursive: true, force: true }));

const vitest = (...args: readonly string[]): Promise<Ran> =>
  runNode(project, [join(project, 'node_modules/vitest/vitest.mjs'), 'run', ...args]);

const useBot = (file: string) => copyFile(join(examples, file), join(project, 'bot.js'));

test('the installed command writes them', () => {
  expect(generated).toMatchObject({ code: 0, stderr: '' });
});

test('the generated tests name what a bot does wrong that lets its token die', limits, async () => {
  // A dead bot is waited for in vain; the author of this one knows that it is fast.
  const written = await readFile(driver, 'utf8');
  await writeFile(driver, written.replace('patienceMs: 20_000', 'patienceMs: 8_000'));

  await useBot('bot.js');
  const red = await vitest('-t', 'nothing to do');
  expect(red.code).toBe(1);
  expect(red.stdout + red.stderr).toContain(
    'after its token expired it never answered again (waited 8 s): its token was refused, and it tried neither to refresh nor to log in',
  );
  await writeFile(driver, written);
});

test('the generated tests pass for a bot on this module', limits, async () => {
  await useBot('bot-signed-in.js');
  const green = await vitest('-t', 'nothing to do|locked');
  expect(green.stdout + green.stderr).toMatch(/Tests +2 passed/);
  expect(green.code).toBe(0);
});

test('the test with describeAuthPaths runs as it is printed', limits, async () => {
  await copyFile(join(examples, 'auth-paths.test.js'), join(project, 'printed.test.js'));
  await useBot('bot-signed-in.js');
  const run = await vitest('printed.test.js', '-t', 'locked');
  expect(run.stdout + run.stderr).toMatch(/Tests +1 passed/);
  expect(run.code).toBe(0);
});

describeWhereThereIs('Python', missingPython, 'a bot in another language', limits, () => {
  test('is walked by the generated tests', async () => {
    const written = await readFile(driver, 'utf8');
    const inPython = written
      .replace("...spawnBot('node', ['bot.js'])", "...spawnBot('python3', ['bot.py'])")
      .replace('patienceMs: 20_000', 'patienceMs: 4_000');
    await writeFile(driver, inPython);

    const bot = await readFile(join(examples, 'bot.py'), 'utf8');
    await writeFile(join(project, 'bot.py'), bot);
    const green = await vitest('test/auth-paths.test.ts', '-t', 'revoked');
    expect(green.stdout + green.stderr).toMatch(/Tests +1 passed/);

    await writeFile(join(project, 'bot.py'), bot.replace(/^( +)renew\(\)$/m, '$1pass'));
    const red = await vitest('test/auth-paths.test.ts', '-t', 'revoked');
    expect(red.stdout + red.stderr).toMatch(/it looped on a dead token: \d+ requests with it/);
    await writeFile(driver, written);
  });
});

test('the guide prints the files as they are', async () => {
  const guide = await readFile(join(root, 'docs/testing.md'), 'utf8');
  for (const file of ['bot.js', 'bot-signed-in.js', 'auth-paths.test.js', 'bot.py']) {
    expect(existsSync(join(examples, file))).toBe(true);
    expect(guide).toContain(
      `\`\`\`${extname(file).slice(1)}\n${await readFile(join(examples, file), 'utf8')}\`\`\``,
    );
  }
});

import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveAuthPage } from '../../src/page/index.ts';
import { drive } from '../observe/driven.ts';
import { runNode, withPlainRights } from './cli.ts';
import { cliMain } from '../support/cli-main.ts';

let folder: string;
const closing: (() => unknown)[] = [];
const places: Record<string, string> = {};

async function serve(name: string, answer: RequestListener): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  places[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => {
      server.close(resolve);
    });
  });
}

const files: Readonly<Record<string, string>> = {
  'notes.txt': 'notes\n',
  'data.json': '{"a":1}\n',
  'throws.mjs': 'throw new Error("out of order\\n    at nowhere");\n',
  'throws-nothing.mjs': 'throw undefined;\n',
  'rejects-later.mjs': 'setTimeout(() => { throw new Error("later"); }); await new Promise(() => {});\n',
  'ends.mjs': 'process.exit(7);\n',
  'waits.mjs': 'await new Promise(() => {});\n',
  'no-machine.mjs': 'export const a = 1;\n',
  'wrong.mjs': 'export default (\n',
  'wrong.ts': 'export const a: = 1;\n',
  'enum.ts': 'enum A { B }\nexport default A;\n',
  'imports.mjs': "import 'a-package-that-is-not-there';\n",
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-refusals-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await mkdir(join(folder, 'folder.test.ts'));
  const other = new DatabaseSync(join(folder, 'other.db'));
  other.exec('CREATE TABLE songs (name TEXT)');
  other.close();
  await writeFile(join(folder, 'damaged.db'), `SQLite format 3\0${'x'.repeat(8_000)}`);
  await writeFile(join(folder, 'unreadable.db'), `SQLite format 3\0${'x'.repeat(8_000)}`);
  await writeFile(join(folder, 'empty.db'), '');
  for (const name of ['other', 'damaged', 'empty']) await chmod(join(folder, `${name}.db`), 0o600);
  await chmod(join(folder, 'unreadable.db'), 0o000);

  await serve('HTML', (_, response) => response.setHeader('content-type', 'text/html').end('<p>hello'));
  await serve('ELSEWHERE', (_, response) =>
    response.writeHead(302, { location: 'https://example.org/' }).end(),
  );
  await serve('FAULTY', (_, response) => response.writeHead(502).end('Bad gateway'));
  await serve('HANGS_UP', (_, response) => response.destroy());
  const page = await serveAuthPage(drive(), { token: 'canary-at-of-the-page', logger: { warn() {} } });
  closing.push(() => page.close());
  places['PAGE'] = page.url;
});

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const run = (args: readonly string[], before?: readonly string[]) =>
  runNode(folder, [cliMain, ...args], before);

const machine = (file: string) => ['diagram', '--machine', `FOLDER/${file}`];
const sqlite = (file: string) => ['status', '--sqlite', `FOLDER/${file}`];
const page = (address: string) => ['status', '--page', address];
const out = (file: string) => ['generate-tests', '--out', `FOLDER/${file}`];

const table: readonly (readonly [what: string, args: readonly string[], sentence: RegExp])[] = [
  ['a missing module', machine('none.mjs'), /there is no file/],
  ['no module at all', ['diagram', '--machine', ''], /names no file/],
  ['a folder as a module', machine(''), /is no file/],
  ['a text as a module', machine('notes.txt'), /is no module/],
  ['a JSON file as a module', machine('data.json'), /is no module/],
  [
    'a module that throws',
    machine('throws.mjs'),
    /threw while it was loaded: Error: out of order at nowhere/,
  ],
  ['a module that throws nothing', machine('throws-nothing.mjs'), /threw while it was loaded: undefined/],
  ['a module that ends the process', machine('ends.mjs'), /ended the process/],
  ['a module that never ends', machine('waits.mjs'), /waited for something that never came/],
  [
    'a module without a machine',
    machine('no-machine.mjs'),
    /No export of it is one: export what createMachine/,
  ],
  ['a wrong export', machine('no-machine.mjs#a'), /is no state machine/],
  ['a syntax error', machine('wrong.mjs'), /has a syntax error.*Run "node /],
  ['a syntax error of TypeScript', machine('wrong.ts'), /has a syntax error.*Run "node /],
  ['TypeScript that has to be compiled', machine('enum.ts'), /Compile it/],
  ['a missing package', machine('imports.mjs'), /imports a-package-that-is-not-there, which is not there/],
  ['an output that is a folder', ['diagram', '-o', 'FOLDER/folder.test.ts'], /it is a folder/],
  ['an output below a file', ['diagram', '-o', 'FOLDER/notes.txt/a.mmd'], /a part of its path is a file/],
  ['tests that are no tests', out('notes.txt'), /give a name that Vitest takes/],
  ['tests in place of a folder', out('folder.test.ts'), /it is a folder/],
  ['tests below a file', out('notes.txt/a.test.ts'), /a part of its path is a file/],
  ['a missing database', sqlite('none.db'), /there is no file/],
  ['no database at all', ['status', '--sqlite', ''], /names no file/],
  ['a folder as a database', sqlite(''), /is no file/],
  ['a text as a database', sqlite('notes.txt'), /is no SQLite database/],
  ['a module as a database', sqlite('throws.mjs'), /is no SQLite database/],
  ['an empty database', sqlite('empty.db'), /is empty/],
  ['the database of another program', sqlite('other.db'), /is the database of another program/],
  ['a damaged database', sqlite('damaged.db'), /is damaged/],
  ['a key that is not there', [...sqlite('other.db'), '--key', '1=env:NO_SUCH_KEY'], /NO_SUCH_KEY/],
  ['a key in plain sight', [...sqlite('other.db'), '--key', 'abc'], /the key itself is not given here/],
  ['a database to watch that is none', ['watch', '--sqlite', 'FOLDER/notes.txt'], /is no SQLite database/],
  ['a page that is HTML', page('HTML'), /not as a live page.*Give the address/],
  ['a page to watch that is HTML', ['watch', '--page', 'HTML'], /not as a live page/],
  ['a page that is elsewhere', page('ELSEWHERE'), /sends to https:\/\/example\.org/],
  ['a page behind a faulty proxy', page('FAULTY'), /not as a live page/],
  ['a server that hangs up', page('HANGS_UP'), /it closes the connection/],
  ['a closed port', page('http://127.0.0.1:9'), /Check that the bot runs/],
  ['a page without its token', page('PAGE'), /wants a token/],
  ['a wrong token', [...page('PAGE'), '--token', 'canary-at-of-another'], /refuses the token/],
  ['a name that does not resolve', page('http://name.invalid'), /does not answer: /],
  ['no URL', page('not a url'), /is no URL/],
  ['another scheme', page('ftp://127.0.0.1'), /neither http:\/\/ nor https:\/\//],
  ['a path of no page', page('HTML/abc'), /there is no page at \/abc/],
  ['nowhere to look', ['status'], /say where to look/],
  ['two places to look', ['status', '--sqlite', 'a', '--page', 'b'], /exclude each other/],
  ['no DATABASE_URL', ['status', '--postgres'], /DATABASE_URL, which is not set/],
  ['no URL of PostgreSQL', ['status', '--postgres', 'postgres://[x'], /postgresql:\/\/user:password/],
  [
    'a PostgreSQL that is not there',
    ['status', '--postgres', 'postgres://127.0.0.1:9/x'],
    /cannot be reached/,
  ],
  ['a depth that is no number', ['diagram', '--depth', 'deep'], /Give a whole number/],
  ['an unknown command', ['nonsense'], /unknown command/],
  ['an unknown option', ['watch', '--nonsense'], /unknown option/],
  ['a missing argument', ['diagram', '--machine'], /argument missing/],
  ['too many arguments', ['diagram', 'more'], /too many arguments/],
];

/** Node's own words: its warnings, its error codes, its stack traces, the place in a source. */
const NODES_OWN = /Warning:|\bERR_|^\s+at |^node:|file:\/\/|\^\^|Node\.js v\d|ENOENT|EISDIR|ENOTDIR/m;

describe('a command line that cannot be carried out ends with 2, and says why and what to do', () => {
  test.concurrent.each(table)('%s', async (_, args, sentence) => {
    const put = args.map((arg) =>
      arg
        .replace('FOLDER', folder)
        .replace(/^[A-Z_]+(?=$|\/)/, (name) => places[name]?.replace(/\/$/, '') ?? name),
    );
    const { code, stdout, stderr } = await run(put);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^error: [^\n]+\n(?:Run it with --help to see what there is\.\n)?$/);
    expect(stderr).not.toMatch(NODES_OWN);
    expect(stderr).not.toContain('canary-');
  });

  test('a database that may not be read', async () => {
    const args = ['status', '--sqlite', join(folder, 'unreadable.db')];
    const { code, stderr } = await run(args, withPlainRights);
    expect(code).toBe(2);
    expect(stderr).toMatch(/may not be read\. Run this as the user that the bot runs as/);
  });
});

test('diagram --depth folds what is deeper', async () => {
  const [folded, whole] = await Promise.all([run(['diagram', '--depth', '1']), run(['diagram'])]);
  expect(folded).toMatchObject({ code: 0, stderr: '' });
  expect(folded.stdout).toContain('refreshing');
  expect(folded.stdout).not.toContain('exchanging');
  expect(whole.stdout).toContain('exchanging');
});

test('diagram -o writes the file, and prints nothing', async () => {
  const file = join(folder, 'made', 'auth.mmd');
  const { code, stdout, stderr } = await run(['diagram', '-o', file]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await readFile(file, 'utf8')).toMatch(/^stateDiagram-v2\n/m);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findDebianArchive } from './debian-archive.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'debian-archive-'));
  mkdirSync(join(folder, 'sources.list.d'));
  writeFileSync(join(folder, 'keyring.gpg'), '');
  writeFileSync(join(folder, 'os-release'), 'ID=debian\nVERSION_CODENAME=bookworm\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) =>
  writeFileSync(join(folder, name), text.replaceAll('KEYRING', join(folder, 'keyring.gpg')));
const find = () => findDebianArchive(folder, join(folder, 'os-release'));
const found = (uri: string) => ({ uri, keyring: join(folder, 'keyring.gpg') });

it('finds the main archive among security, third parties and what is disabled', () => {
  write(
    'sources.list.d/all.sources',
    `Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: KEYRING

Types: deb
URIs: http://third-party.example/
Suites: nodistro
Components: main
Signed-By: KEYRING

Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main
Enabled: no
Signed-By: KEYRING

Types: deb deb-src
# Suites: nothing
URIs: http://main.example/debian
Suites: bookworm bookworm-updates
Components:
 main
 contrib
Signed-By: KEYRING
`,
  );
  expect(find()).toEqual(found('http://main.example/debian'));
});

it('reads one-line lists', () => {
  write(
    'sources.list',
    `# deb http://comment.example/debian bookworm main
deb-src http://sources.example/debian bookworm main
deb [arch=amd64 signed-by=KEYRING] http://security.example/debian bookworm-security main
deb [arch=amd64 signed-by=KEYRING] http://main.example/debian bookworm contrib main # here
`,
  );
  expect(find()).toEqual(found('http://main.example/debian'));
});

it('finds nothing in files that apt does not read, and without a keyring', () => {
  write(
    'sources.list.d/main.sources.disabled',
    `Types: deb
URIs: http://main.example/debian
Suites: bookworm
Components: main
Signed-By: KEYRING
`,
  );
  write('sources.list', 'deb [signed-by=/no/such/keyring] http://main.example/debian bookworm main\n');
  expect(find()).toBeUndefined();
});

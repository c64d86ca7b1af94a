// What only a process of its own can show: one with fewer rights, and a Node.js without SQLite.
import { execFile } from 'node:child_process';
import { chmod, chown, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ownFolder } from '../folder.ts';
import { storedFile } from './fixtures.ts';

const SQLITE = fileURLToPath(new URL('../../../../src/adapters/sessions/sqlite/index.ts', import.meta.url));

describe('an SQLite file that cannot be used', () => {
  it('is refused in a directory that cannot be written', async () => {
    const folder = await ownFolder();
    const path = await storedFile(folder);
    const before = await readFile(path);
    // Root can write everywhere, so there the store is used by nobody.
    if (process.getuid?.() === 0) for (const one of [path, folder]) await chown(one, NOBODY, NOBODY);
    await chmod(folder, 0o500);
    onTestFinished(() => chmod(folder, 0o700));
    const refused = {
      name: 'SessionStoreError',
      permanent: true,
      message: expect.stringMatching(/bot\.db cannot be written/),
    };
    expect(await errorsWithoutRoot(path)).toEqual([refused, refused]);
    expect(await readFile(path)).toEqual(before);
  });
});

const NOBODY = 65_534;

/** What comes of reading and of changing the store there, in a process that is not root's, even if this one is. */
async function errorsWithoutRoot(path: string): Promise<unknown> {
  // It has everything loaded when it gives up root's rights: without them it might not get at the sources.
  const script = `import { sqliteSessions } from ${JSON.stringify(SQLITE)};
    if (process.getuid() === 0) {
      process.setgroups([]);
      process.setgid(${NOBODY});
      process.setuid(${NOBODY});
    }
    const store = sqliteSessions(${JSON.stringify(path)});
    const attempts = [
      () => store.read('bot', 'session'),
      () => store.update('bot', 'session', (record) => ({ record: { ...record, position: 's1' }, result: undefined })),
    ];
    const errors = [];
    for (const attempt of attempts) {
      errors.push(await attempt().then(() => null, ({ name, permanent, message }) => ({ name, permanent, message })));
    }
    console.log(JSON.stringify(errors));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout);
}

describe('a Node.js without node:sqlite', () => {
  it('is told which one is needed', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const script = `import { sqliteSessions } from ${JSON.stringify(SQLITE)};
      const error = await sqliteSessions(${JSON.stringify(path)}).read('bot').catch((error) => error);
      console.log(JSON.stringify({ permanent: error.permanent, message: error.message }));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--no-experimental-sqlite',
      '--input-type=module',
      '--eval',
      script,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      permanent: true,
      message: expect.stringMatching(/Node\.js \(v\d+.*no node:sqlite.*22\.18 or later.*24\.15/),
    });
  });
});

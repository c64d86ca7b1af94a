import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CredentialsError,
  credentialsFromEnv,
  defaultCredentials,
} from '../../../src/adapters/credentials/index.ts';
import { passwordIn } from './password-in.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function file(content: string | Buffer): Promise<string> {
  count += 1;
  const path = join(folder, `secret-${count}`);
  await writeFile(path, content);
  return path;
}

const marked = (text: string) => `\ufeff${text}`;

describe('a secret in a file', () => {
  it.each<[string, (text: string) => string | Buffer]>([
    ['alone', (text) => text],
    ['with a line end', (text) => `${text}\n`],
    ['with a line end of Windows', (text) => `${text}\r\n`],
    ['with a byte order mark', (text) => marked(`${text}\r\n`)],
    ['in UTF-16, as PowerShell writes it', (text) => Buffer.from(marked(`${text}\r\n`), 'utf16le')],
    ['in UTF-16 the other way round', (text) => Buffer.from(marked(text), 'utf16le').swap16()],
  ])('%s', async (_, put) => {
    const given = credentialsFromEnv({
      ACCESS_TOKEN_FILE: await file(put('access-1')),
      MATRIX_REFRESH_TOKEN_FILE: ` ${await file(put('refresh-1'))}\n`,
      MATRIX_USERNAME: 'bot',
      MATRIX_PASSWORD_FILE: await file(put('pä w')),
    });
    expect(given.accessToken?.reveal()).toBe('access-1');
    expect(given.refreshToken?.reveal()).toBe('refresh-1');
    expect(passwordIn(given)).toBe('pä w');
  });

  it('is a token without its quotation marks, and a password with them', async () => {
    const given = credentialsFromEnv({
      ACCESS_TOKEN_FILE: await file('"access-1"\n'),
      MATRIX_USERNAME: 'bot',
      MATRIX_PASSWORD_FILE: await file('" p w "\n\n'),
    });
    expect(given.accessToken?.reveal()).toBe('access-1');
    expect(passwordIn(given)).toBe('" p w "\n');
  });

  it('is enough beside a store', async () => {
    const given = defaultCredentials(true, { ACCESS_TOKEN_FILE: await file('access-1') });
    expect(given.accessToken?.reveal()).toBe('access-1');
  });

  it('or in the variable, not both', async () => {
    for (const variable of ['ACCESS_TOKEN', 'MATRIX_REFRESH_TOKEN', 'MATRIX_PASSWORD']) {
      const both = { [variable]: 'canary-at-Both1', [`${variable}_FILE`]: await file('canary-at-Both2') };
      expect(() => credentialsFromEnv(both)).toThrow(`Both ${variable} and ${variable}_FILE are set.`);
    }
    const blank = { ACCESS_TOKEN: ' ', ACCESS_TOKEN_FILE: await file('access-1') };
    expect(credentialsFromEnv(blank).accessToken?.reveal()).toBe('access-1');
    expect(
      credentialsFromEnv({ ACCESS_TOKEN: 'access-1', ACCESS_TOKEN_FILE: ' ' }).accessToken?.reveal(),
    ).toBe('access-1');
  });
});

describe('a file that cannot be used: the error names the variable and the problem', () => {
  it.each<[string, () => Promise<string> | string, RegExp]>([
    ['missing', () => join(folder, 'missing'), /does not exist/],
    ['below a file', async () => join(await file('x'), 'y'), /does not exist/],
    ['a folder', () => folder, /is a folder/],
    ['empty', () => file(''), /is empty/],
    ['blank', () => file('\ufeff \r\n'), /is empty/],
    ['no text', () => file(Buffer.from([0xff, 0x00, 0xc3, 0x28])), /is not text/],
  ])('%s', async (_, path, problem) => {
    const env = { MATRIX_USERNAME: 'bot', MATRIX_PASSWORD_FILE: await path() };
    expect(() => credentialsFromEnv(env)).toThrow(CredentialsError);
    expect(() => credentialsFromEnv(env)).toThrow(/^The file that MATRIX_PASSWORD_FILE names /);
    expect(() => credentialsFromEnv(env)).toThrow(problem);
    expect(() => defaultCredentials(true, env)).toThrow(problem);
  });

  it('the secret itself in place of a path gets nowhere', () => {
    const secret = `canary-at-${randomBytes(12).toString('hex')}`;
    let error: unknown;
    try {
      credentialsFromEnv({ ACCESS_TOKEN_FILE: secret });
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toMatch(
      /ACCESS_TOKEN_FILE names does not exist.*or set ACCESS_TOKEN to the secret/,
    );
    expect(inspect(error, { depth: null, showHidden: true }).includes(secret)).toBe(false);
  });
});

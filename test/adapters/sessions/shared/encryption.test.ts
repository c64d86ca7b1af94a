import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  bodyCipher,
  type EncryptionKey,
  type KeySource,
} from '../../../../src/adapters/sessions/shared/encryption.ts';
import { SessionStoreError } from '../../../../src/ports/index.ts';
import { ownFolder } from '../folder.ts';

const context = ['default', 'bot', 1];
const where = 'the session "bot"';
const text = '{"format":1}';

/** As it lies in the tables there are, under a key of zeros. */
const WRITTEN_BEFORE =
  'aes-256-gcm:2026:nQhsxKxg85b9XEoB:NoTnWL4Hbk-phJ6mXpnIXiPlMqsp_PsYaEaoARnNcNHP03Y2-dPHQvnrNd2oIw';

function keyOf(id: string): EncryptionKey {
  return { id, key: randomBytes(32) };
}

function refusalOf(attempt: () => unknown): SessionStoreError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SessionStoreError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('encryption', () => {
  it('gives the text back, and shows nothing of it', () => {
    const cipher = bodyCipher([keyOf('2026')]);
    const body = cipher.seal(text, context);
    expect(body).toMatch(/^aes-256-gcm:2026:[\w-]{16}:[\w-]+$/);
    expect(Buffer.from(body.split(':')[3] ?? '', 'base64url').toString()).not.toContain('format');
    expect(cipher.open(body, context, where)).toBe(text);
  });

  it('never makes the same of the same', () => {
    const cipher = bodyCipher([keyOf('2026')]);
    expect(cipher.seal(text, context)).not.toBe(cipher.seal(text, context));
  });

  it('writes with the first key and reads with all', () => {
    const [old, next] = [keyOf('old'), keyOf('new')];
    const before = bodyCipher([old]).seal(text, context);
    const rotated = bodyCipher([next, old]);
    expect(rotated.open(before, context, where)).toBe(text);
    const after = rotated.seal(text, context);
    expect(after).toContain(':new:');
    expect(bodyCipher([next]).open(after, context, where)).toBe(text);
  });

  it('reads what was written without a key, and without keys writes plain text', () => {
    expect(bodyCipher([keyOf('2026')]).open(text, context, where)).toBe(text);
    expect(bodyCipher(undefined).seal(text, context)).toBe(text);
  });

  it.each([
    ['another namespace', ['staging', 'bot', 1]],
    ['another name', ['default', 'tob', 1]],
    ['another version', ['default', 'bot', 2]],
  ])('does not open in a row of %s', (_, other) => {
    const cipher = bodyCipher([keyOf('2026')]);
    const body = cipher.seal(text, context);
    const refusal = refusalOf(() => cipher.open(body, other, where));
    expect(refusal.permanent).toBe(true);
    expect(refusal.message).toContain('altered or copied from elsewhere');
  });

  it('says which key a row wants', () => {
    const body = bodyCipher([keyOf('2026')]).seal(text, context);
    const unknown = refusalOf(() => bodyCipher([keyOf('2027'), keyOf('2028')]).open(body, context, where));
    expect(unknown.message).toMatch(/key "2026".*given are "2027", "2028".*the session "bot"/);
    const none = refusalOf(() => bodyCipher(undefined).open(body, context, where));
    expect(none.message).toMatch(/key "2026".*no key is given/);
    const wrong = refusalOf(() => bodyCipher([keyOf('2026')]).open(body, context, where));
    expect(wrong.message).toMatch(/does not open with the key "2026"/i);
    expect([unknown, none, wrong].every(({ permanent }) => permanent)).toBe(true);
  });

  it.each([
    ['cut short', (body: string) => body.slice(0, 40), 'cut short'],
    ['cut by one', (body: string) => body.slice(0, -1), 'altered'],
    [
      'with a flipped bit',
      (body: string) =>
        body.replace(/.{5}$/, (end) => (end.startsWith('A') ? `B${end.slice(1)}` : `A${end.slice(1)}`)),
      'altered',
    ],
    ['with the id of another key', (body: string) => body.replace(':one:', ':two:'), 'altered'],
    ['with something before it', (body: string) => `aes-256-gcm:${body}`, 'not what was encrypted'],
    ['with something after it', (body: string) => `${body}.`, 'not what was encrypted'],
  ])('refuses a body %s', (_, alter, why) => {
    const cipher = bodyCipher([keyOf('one'), keyOf('two')]);
    const body = cipher.seal(text, context);
    const refusal = refusalOf(() => cipher.open(alter(body), context, where));
    expect(refusal.permanent).toBe(true);
    expect(refusal.message).toContain(why);
    expect(refusal.message).toContain(where);
    expect(refusal.message).toContain('What is stored is left as it is.');
  });

  it('reads what an earlier version wrote', () => {
    const cipher = bodyCipher([{ id: '2026', key: '0'.repeat(64) }]);
    expect(cipher.open(WRITTEN_BEFORE, context, where)).toBe('{"format":1,"deviceId":"Bär"}');
  });
});

describe('a key', () => {
  const bytes = randomBytes(32);
  const reads = (key: KeySource) => {
    const body = bodyCipher([{ id: 'k', key: bytes }]).seal(text, context);
    return bodyCipher([{ id: 'k', key }]).open(body, context, where) === text;
  };

  it.each([
    ['bytes', new Uint8Array(bytes)],
    ['hexadecimal text', bytes.toString('hex')],
    ['hexadecimal text in capitals', bytes.toString('hex').toUpperCase()],
    ['base64', bytes.toString('base64')],
    ['base64url without padding', bytes.toString('base64url')],
    ['text with a line end', `${bytes.toString('base64')}\n`],
  ])('is taken as %s', (_, key) => {
    expect(reads(key)).toBe(true);
  });

  it('is taken from an environment variable', () => {
    vi.stubEnv('BOT_SESSION_KEY', bytes.toString('hex'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(reads({ env: 'BOT_SESSION_KEY' })).toBe(true);
  });

  it('is taken from a file, as bytes or as text', async () => {
    const folder = await ownFolder();
    const [raw, base64] = [join(folder, 'raw'), join(folder, 'base64')];
    await writeFile(raw, bytes);
    await writeFile(base64, `${bytes.toString('base64')}\n`);
    expect(reads({ file: raw })).toBe(true);
    expect(reads({ file: base64 })).toBe(true);
  });

  it.each([
    ['too short', 'aGVsbG8gd29ybGQ=', 'aGVsbG8', 'the text given'],
    ['no base64', 'correct horse battery staple', 'horse', 'the text given'],
    [
      'base64 after something else',
      `!${bytes.toString('base64')}`,
      bytes.toString('base64'),
      'the text given',
    ],
    [
      'base64 before something else',
      `${bytes.toString('base64')}!`,
      bytes.toString('base64'),
      'the text given',
    ],
    ['a hexadecimal digit too long', `${bytes.toString('hex')}a`, bytes.toString('hex'), 'the text given'],
    [
      'hexadecimal before something else',
      `${bytes.toString('hex')}g`,
      bytes.toString('hex'),
      'the text given',
    ],
    ['of too few bytes', new Uint8Array(16), '0,0', 'the bytes given'],
  ])('is refused when it is %s, and not quoted', (_, key, quoted, from) => {
    const refusal = refusalOf(() => bodyCipher([{ id: 'k', key }]));
    expect(refusal.permanent).toBe(true);
    expect(refusal.message).toMatch(/key "k" is not 32 bytes.*openssl rand -base64 32/);
    expect(refusal.message).toContain(`(from ${from})`);
    expect(refusal.message).not.toContain(quoted);
  });

  it('that is none is looked for where it came from', async () => {
    vi.stubEnv('BOT_SESSION_KEY', 'aGVsbG8');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const variable = refusalOf(() => bodyCipher([{ id: 'k', key: { env: 'BOT_SESSION_KEY' } }]));
    expect(variable.message).toContain('(from the environment variable BOT_SESSION_KEY)');
    const file = join(await ownFolder(), 'key');
    await writeFile(file, 'aGVsbG8');
    expect(refusalOf(() => bodyCipher([{ id: 'k', key: { file } }])).message).toContain(`(from ${file})`);
  });

  it('is missed where its environment variable is empty', () => {
    vi.stubEnv('BOT_SESSION_KEY', '');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const refusal = refusalOf(() => bodyCipher([{ id: 'k', key: { env: 'BOT_SESSION_KEY' } }]));
    expect(refusal.message).toMatch(/BOT_SESSION_KEY is to hold the key "k", and is not set/);
  });

  it.each([
    [
      'an unset variable',
      [{ id: 'k', key: { env: 'NOT_SET_ANYWHERE' } }],
      /NOT_SET_ANYWHERE is to hold the key "k"/,
    ],
    ['a missing file', [{ id: 'k', key: { file: '/nowhere/key' } }], /\/nowhere\/key is to hold.*\(ENOENT\)/],
    ['no key at all', [], /`keys` is empty/],
    ['an id twice', [keyOf('k'), keyOf('k')], /Two keys have the id "k"/],
    ['an id with a colon', [keyOf('a:b')], /key id/],
  ])('is missed with %s', (_, keys: EncryptionKey[], message) => {
    const refusal = refusalOf(() => bodyCipher(keys));
    expect(refusal.permanent).toBe(true);
    expect(refusal.message).toMatch(message);
  });
});

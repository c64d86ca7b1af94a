import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkMs, checkName, rowCodec } from '../../../../src/adapters/sessions/shared/row.ts';
import { SessionStoreError } from '../../../../src/ports/index.ts';
import { fullRecord, plain } from '../records.ts';

/** What is said of it; `undefined` if it is fine. */
function refusalOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (!(error instanceof SessionStoreError)) throw error;
    expect(error.permanent).toBe(true);
    return error.message;
  }
}

describe('a name', () => {
  it.each(['a', ' ', 'x'.repeat(255), '🤖'.repeat(127)])('may be %j', (name) => {
    expect(refusalOf(() => checkName('session name', name))).toBeUndefined();
  });

  it.each(['', 'x'.repeat(256), 'nul\0', '\ud800'])('is refused when it is %j', (name) => {
    expect(refusalOf(() => checkName('session name', name))).toMatch(
      /^The session name ".*" cannot be stored: it needs 1 to 255/,
    );
  });

  it('is not quoted as a whole when it is too long', () => {
    expect(refusalOf(() => checkName('session name', `${'x'.repeat(255)}tail`))).not.toContain('tail');
  });
});

describe('a number of milliseconds', () => {
  it.each([1, 2 ** 31 - 1])('may be %d', (ms) => {
    expect(checkMs('watchMs', ms)).toBe(ms);
  });

  it.each([0, -1, 1.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY])('is refused when it is %d', (ms) => {
    expect(refusalOf(() => checkMs('watchMs', ms))).toMatch(/^`watchMs` is a whole number.*and not/);
  });
});

describe('a row', () => {
  const keys = [{ id: 'k', key: randomBytes(32) }];

  it.each([
    ['plain', {}],
    ['encrypted', { keys }],
  ])('gives the record back, %s', (_, options) => {
    const codec = rowCodec(options, 'bot.db');
    const record = fullRecord();
    const body = codec.toBody('bot', 'session', 1, record);
    expect(plain(codec.toRecord('bot', 'session', { version: 1, body }))).toEqual(plain(record));
  });

  it('is of the namespace `default`, where nothing else is said', () => {
    expect(rowCodec({}, 'bot.db').namespace).toBe('default');
    expect(rowCodec({ namespace: 'staging' }, 'bot.db').namespace).toBe('staging');
  });

  it('has to have a namespace that can be stored', () => {
    expect(refusalOf(() => rowCodec({ namespace: '' }, 'bot.db'))).toMatch(
      /^The namespace "" cannot be stored/,
    );
  });

  it.each([
    ['another name', 'default', 'other', 1],
    ['another namespace', 'staging', 'bot', 1],
    ['another version', 'default', 'bot', 2],
  ])('that is encrypted does not open as one of %s', (_, namespace, name, version) => {
    const body = rowCodec({ keys }, 'bot.db').toBody('bot', 'session', 1, fullRecord());
    expect(body).toMatch(/^aes-256-gcm:k:/);
    const refused = refusalOf(() =>
      rowCodec({ namespace, keys }, 'bot.db').toRecord(name, 'session', { version, body }),
    );
    expect(refused).toContain('altered or copied from elsewhere');
  });

  it.each([
    ['read', () => rowCodec({}, 'the file bot.db').toRecord('bot', 'session', { version: 1, body: '{' })],
    [
      'opened',
      () => rowCodec({}, 'the file bot.db').toRecord('bot', 'session', { version: 1, body: 'aes-256-gcm:' }),
    ],
    [
      'written',
      () =>
        rowCodec({}, 'the file bot.db').toBody('bot', 'session', 1, {
          loginNotBefore: Number.POSITIVE_INFINITY,
        }),
    ],
  ])('that cannot be %s is named with its namespace and place', (_, attempt) => {
    expect(refusalOf(attempt)).toContain('the session "bot" (namespace "default") in the file bot.db');
  });
});

import { describe, expect, it } from 'vitest';
import { explained, isBusy } from '../../../../src/adapters/sessions/sqlite/errors.ts';
import { SessionStoreError } from '../../../../src/ports/index.ts';

const sqlite = (errcode: unknown) => Object.assign(new Error('failed'), { errcode, errstr: 'its words' });

describe("an error of SQLite's", () => {
  it.each([
    [5, false, /Another process is using bot\.db/],
    [261, false, /Another process is using bot\.db/],
    [8, true, /bot\.db cannot be written/],
    [14, true, /bot\.db cannot be written/],
    [10, false, /bot\.db could not be read or written/],
    [266, false, /bot\.db could not be read or written/],
    [11, true, /bot\.db is damaged/],
    [26, true, /bot\.db is damaged/],
    [13, false, /disk of bot\.db is full/],
    [1, false, /SQLite failed on bot\.db/],
  ])('with the code %i says what it means, and whether somebody has to act', (code, permanent, message) => {
    const error = explained(sqlite(code), 'bot.db');
    expect(error).toBeInstanceOf(SessionStoreError);
    expect(error).toMatchObject({ permanent, message: expect.stringMatching(message) });
    expect(String(error)).toContain(`(SQLite: its words, ${code})`);
  });

  it.each([
    ['an error', new Error('no')],
    ['one whose code is a text', sqlite('5')],
    ['one without words', Object.assign(new Error('no'), { errcode: 5 })],
    ['one with words alone', Object.assign(new Error('no'), { errstr: 'words' })],
    ['what is no error', { errcode: 5, errstr: 'words' }],
    ['undefined', undefined],
  ])('is told from %s', (_, other) => {
    expect(explained(other, 'bot.db')).toBe(other);
    expect(isBusy(other)).toBe(false);
  });

  it.each([
    [5, true],
    [261, true],
    [6, false],
    [13, false],
  ])('with the code %i means that another is in the way: %s', (code, busy) => {
    expect(isBusy(sqlite(code))).toBe(busy);
  });
});

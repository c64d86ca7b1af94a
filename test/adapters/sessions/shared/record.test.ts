import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFromText, recordToText } from '../../../../src/adapters/sessions/shared/record.ts';
import { Secret, type SessionRecord, SessionStoreError } from '../../../../src/ports/index.ts';
import { canary, fullRecord, plain, sessionOf } from '../records.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1 });
const time = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const secret = text.map((value) => new Secret(value));
const anySession = fc.record(
  {
    userId: text,
    deviceId: text,
    generation: fc.nat(),
    accessToken: secret,
    refreshToken: secret,
    previous: secret,
    obtainedAt: time,
    expiresAt: time,
  },
  { requiredKeys: ['generation', 'accessToken', 'obtainedAt'] },
);
const anyRecord: fc.Arbitrary<SessionRecord> = fc.record(
  {
    session: anySession,
    deviceId: text,
    given: text,
    loginBudgetFullAt: time,
    loginNotBefore: time,
    position: text,
    leader: fc.record({ holder: fc.string(), beat: fc.nat() }),
  },
  { requiredKeys: [] },
);

/** The error of a text that cannot be read. */
function refusalOf(written: string): SessionStoreError {
  try {
    recordFromText(written, 'the session "bot"');
  } catch (error) {
    if (error instanceof SessionStoreError) return error;
    throw error;
  }
  throw new Error('It was read.');
}

describe('the text of a record', () => {
  it('gives the record back', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(plain(recordFromText(recordToText(record, 'it'), 'it'))).toEqual(plain(record));
      }),
    );
  });

  it('is refused from a newer version, with the advice to update', () => {
    const refusal = refusalOf('{"format":2,"session":{"something":"new"}}');
    expect(refusal.permanent).toBe(true);
    expect(refusal.message).toMatch(/newer version.*the session "bot".*format 2.*knows 1.*Update/);
  });

  it.each([
    ['cut short', (token: string) => `{"format":1,"session":{"accessToken":"${token}`, 'not JSON'],
    ['without a format', (token: string) => `{"session":{"accessToken":"${token}"}}`, 'format'],
    ['of a format that is no number', (token: string) => `{"format":"2","given":"${token}"}`, 'format'],
    [
      'with two things wrong',
      (token: string) => `{"format":1,"deviceId":1,"given":2,"position":"${token}"}`,
      'deviceId, given',
    ],
    ['with a leader of something else', (token: string) => `{"format":1,"leader":"${token}"}`, 'leader'],
    ['no object', (token: string) => `"${token}"`, 'the whole'],
    [
      'with a token of the wrong type',
      (token: string) => `{"format":1,"session":{"generation":1,"obtainedAt":1,"accessToken":["${token}"]}}`,
      'session.accessToken',
    ],
    [
      'without a generation',
      (token: string) => `{"format":1,"session":{"obtainedAt":1,"accessToken":"${token}"}}`,
      'session.generation',
    ],
    [
      'with something unknown, which the next write would lose',
      (token: string) => `{"format":1,"deviceId":"D","later":"${token}"}`,
      'later',
    ],
  ])('is refused when it is %s, and quotes nothing', (_, written, where) => {
    const token = canary('at').reveal();
    const refusal = refusalOf(written(token));
    expect(refusal.permanent).toBe(true);
    expect(refusal.message).toContain('Damaged: the session "bot"');
    expect(refusal.message).toContain(where);
    expect(refusal.message).not.toContain(token);
    expect(refusal.cause).toBeUndefined();
  });

  it.each([
    ['a time that JSON has not', { loginNotBefore: Number.POSITIVE_INFINITY }, 'loginNotBefore'],
    ['an empty token', { session: { ...sessionOf(1), accessToken: new Secret('') } }, 'session.accessToken'],
    ['a broken generation', { session: sessionOf(1.5) }, 'session.generation'],
  ])('is not made of %s', (_, part, where) => {
    const make = () => recordToText({ ...fullRecord(), ...part }, 'the session "bot"');
    expect(make).toThrow(SessionStoreError);
    expect(make).toThrow(new RegExp(`could not be read back: the session "bot".*${where}`));
  });
});

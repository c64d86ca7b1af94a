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
    kind: text,
    renewal: fc.dictionary(fc.stringMatching(/^x[a-zA-Z]*$/), fc.string()),
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
    recordFromText('session', written, 'the session "bot"');
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
        expect(plain(recordFromText('session', recordToText('session', record, 'it'), 'it'))).toEqual(
          plain(record),
        );
      }),
    );
  });

  it('is refused from a newer version, with the advice to update', () => {
    const refusal = refusalOf('{"format":4,"session":{"something":"new"}}');
    expect(refusal.permanent).toBe(true);
    expect(refusal.message).toMatch(/newer version.*the session "bot".*format 4.*knows 3.*Update/);
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
  ])('is refused when it is %s, and quotes nothing', (_, written, where) => {
    const token = canary('at').reveal();
    const refusal = refusalOf(written(token));
    expect(refusal.permanent).toBe(true);
    expect(refusal.message).toContain('Damaged: the session "bot"');
    expect(refusal.message).toContain(where);
    expect(refusal.message).not.toContain(token);
    expect(refusal.cause).toBeUndefined();
  });

  it('keeps what a newer version added, in the record and in the session, and shows it to nobody', () => {
    const written = {
      format: 7,
      minReader: 2,
      deviceId: 'DEV',
      queue: ['canary-q'],
      session: { generation: 1, accessToken: 'canary-at', obtainedAt: 1, later: 'hidden' },
    };
    const record = recordFromText('session', JSON.stringify(written), 'it');
    expect(JSON.stringify(record)).not.toMatch(/canary|hidden/);
    const session = record.session && { ...record.session, generation: 2 };
    const again = recordToText('session', { ...record, ...(session && { session }) }, 'it');
    expect(JSON.parse(again)).toEqual({ ...written, session: { ...written.session, generation: 2 } });
  });

  it.each(['position', 'leader', 'logins', 'given', 'logout'] as const)(
    'keeps what a newer version added to a %s',
    (kind) => {
      const own = {
        position: 's1',
        at: 1,
        holder: 'h',
        beat: 1,
        budgetFullAt: 1,
        fingerprints: ['f'],
        generation: 1,
      };
      const written = { format: 7, minReader: 1, ...own, later: true };
      const record = recordFromText(kind, JSON.stringify(written), 'it');
      expect(JSON.parse(recordToText(kind, record, 'it'))).toEqual(written);
    },
  );

  it('is of a form that the first version reads, where nothing is in it that it does not know', () => {
    expect(JSON.parse(recordToText('session', fullRecord(), 'it'))).toMatchObject({ format: 1 });
  });

  it('is refused by a version that knows no kinds of sessions, and would end it by a wrong refresh', () => {
    const record = { session: { ...sessionOf(1), kind: 'oauth', renewal: { clientId: 'c1' } } };
    const written = recordToText('session', record, 'it');
    expect(JSON.parse(written)).toMatchObject({ format: 3 });
    expect(plain(recordFromText('session', written, 'it'))).toEqual(plain(record));
  });

  it.each([
    ['a time that JSON has not', { loginNotBefore: Number.POSITIVE_INFINITY }, 'loginNotBefore'],
    ['an empty token', { session: { ...sessionOf(1), accessToken: new Secret('') } }, 'session.accessToken'],
    ['a broken generation', { session: sessionOf(1.5) }, 'session.generation'],
  ])('is not made of %s', (_, part, where) => {
    const make = () => recordToText('session', { ...fullRecord(), ...part }, 'the session "bot"');
    expect(make).toThrow(SessionStoreError);
    expect(make).toThrow(new RegExp(`could not be read back: the session "bot".*${where}`));
  });
});

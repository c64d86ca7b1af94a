import { describe, expect, test } from 'vitest';
import { observe } from '../../src/observe/index.ts';
import { redact } from '../../src/ports/redact.ts';
import { leaksIn } from '../../tools/secrets.ts';
import { drive } from '../observe/driven.ts';

// Put together here, so that no report of a failure prints a whole one.
const random = 'YWxpY2U'.repeat(3);
const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJib3QifQ', 'c2lnbmF0dXJl'].join('.');
const kinds = ['syt', 'syr', 'syl', 'sya', 'mat', 'mct', 'mcr', 'mar', 'mpt', 'mac'];
const tokens: [kind: string, token: string][] = [
  ...kinds.map((kind): [string, string] => [`${kind}_`, `${kind}_${random}`]),
  ['eyJ', jwt],
];

describe.each(tokens)('a token of the form %s', (kind, token) => {
  const sentence = `Error: 401 for ${token}, it says`;

  test('is redacted, and its kind is kept', () => {
    expect(redact(sentence) === `Error: 401 for ${kind}***, it says`).toBe(true);
    expect(redact(`?access_token=${token}&x=1`).includes(token.slice(-8))).toBe(false);
  });

  test('in the error of a service does not come into a frame', () => {
    const driven = drive();
    const observer = observe(driven);
    driven.done('restore', { outcome: 'trouble', why: sentence });
    expect(observer.now().trouble).toMatch(/^Error: 401 for /);
    expect(JSON.stringify(observer.frames).includes(token.slice(-8))).toBe(false);
  });

  test('is found in the output of the tests', () => {
    const [leak] = leaksIn(sentence);
    expect(leak?.text.includes(`${kind}***`)).toBe(true);
  });
});

test.each(['a format_mat_table', 'the Bearer of it', 'syt_', 'M_UNKNOWN_TOKEN', 'analyst_notes_of_today'])(
  '"%s" stays as it is',
  (text) => {
    expect(redact(text)).toBe(text);
  },
);

test('whatever follows Bearer is redacted', () => {
  expect(redact('authorization: Bearer abcdefgh12345')).toBe('authorization: Bearer ***');
});

import { describe, expect, it } from 'vitest';
import { credentials, credentialsFromEnv } from '../../../src/adapters/credentials/index.ts';
import { Secret } from '../../../src/ports/index.ts';
import { passwordIn } from './password-in.ts';

const around: readonly (readonly [string, (text: string) => string])[] = [
  ['blanks', (text) => ` ${text}\t`],
  ['a line end', (text) => `${text}\n`],
  ['a line end of Windows', (text) => `${text}\r\n`],
  ['a byte order mark', (text) => `\ufeff${text}`],
  ['double quotation marks', (text) => `"${text}"`],
  ['single quotation marks', (text) => `'${text}'`],
  ['typographic quotation marks', (text) => `“${text}”`],
  ['backticks', (text) => `\`${text}\``],
  ['all of them', (text) => `\ufeff "${text}\n" \r\n`],
  ['the word of a header', (text) => `Bearer ${text}`],
  ['the word of a header, with quotation marks around both', (text) => `"Bearer ${text}"`],
  ['the word of a header, with quotation marks behind it', (text) => `Bearer "${text}"`],
  ['a whole header', (text) => `Authorization: Bearer ${text}\n`],
];

describe('no part of a token is', () => {
  it.each(around)('%s', (_, put) => {
    const fromEnv = credentialsFromEnv({
      ACCESS_TOKEN: put('access-1'),
      MATRIX_REFRESH_TOKEN: put('refresh-1'),
    });
    expect(fromEnv.accessToken?.reveal()).toBe('access-1');
    expect(fromEnv.refreshToken?.reveal()).toBe('refresh-1');
    const given = credentials({ accessToken: put('access-1'), refreshToken: new Secret(put('refresh-1')) });
    expect(given.accessToken?.reveal()).toBe('access-1');
    expect(given.refreshToken?.reveal()).toBe('refresh-1');
  });
});

it.each(['"access-1', "access-1'", '"access-1\'', 'a"b'])('a mark without its partner stays: %s', (text) => {
  expect(credentials({ accessToken: text }).accessToken?.reveal()).toBe(text);
});

it.each(['""', "''", ' "" ', '" "', '\ufeff'])(
  'what is empty between its marks counts as unset: %j',
  (text) => {
    expect(() => credentialsFromEnv({ ACCESS_TOKEN: text, MATRIX_PASSWORD: text })).toThrow(
      /nothing to sign in with/,
    );
  },
);

describe('what cannot be a token is named, with what to do, and not repeated', () => {
  it.each([
    [
      'a line break in the middle',
      'canary-at-one\ntwo',
      /there is a line break in it\. Copy it again, in one line/,
    ],
    ['a line break of Windows in the middle', 'canary-at-one\r\ntwo', /line break/],
    ['a blank in the middle', 'canary-at-one two', /there is a blank in it/],
    ['a no-break space', 'canary-at-one\u00a0two', /there is a blank in it/],
    ['another script', 'canary-at-опа', /no request can carry/],
    ['an ellipsis, as where it was copied from a short form', 'canary-at-one…', /no request can carry/],
    ['a whole file', 'canary-at-one'.repeat(2_000), /longer than a request can carry\. Copy the token alone/],
    ['JSON', '{"access_token":"canary-at-one"}', /it is JSON.*"access_token"/],
    ['a template', `\${CANARY_AT}`, /placeholder.*Put the token there/],
    ['a template of another kind', '{{ canary-at-one }}', /placeholder/],
    ['a placeholder', '<canary-at-one>', /placeholder/],
    ['a word for nothing', 'undefined', /placeholder/],
  ])('%s', (_, text, message) => {
    let error: unknown;
    try {
      credentialsFromEnv({ ACCESS_TOKEN: text });
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toMatch(/^CredentialsError: The value of ACCESS_TOKEN is no token: /);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toMatch(/canary/i);
  });
});

describe('a password', () => {
  const inEnv = (MATRIX_PASSWORD: string) =>
    passwordIn(credentialsFromEnv({ MATRIX_USERNAME: 'bot', MATRIX_PASSWORD }));

  it('in a variable loses one outer pair of quotation marks, as env-files have it, and nothing else', () => {
    expect(inEnv('"p w"')).toBe('p w');
    expect(inEnv("' pw '")).toBe(' pw ');
    expect(inEnv('""pw""')).toBe('"pw"');
    expect(inEnv('"pw')).toBe('"pw');
    expect(inEnv(' pw ')).toBe(' pw ');
  });

  it('as an option is taken as it is', () => {
    for (const password of ['"pw"', ' pw ', 'pw\n']) {
      expect(passwordIn(credentials({ username: 'bot', password }))).toBe(password);
    }
  });
});

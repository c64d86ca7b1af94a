import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CredentialsError, credentialsFromEnv } from '../../../src/adapters/credentials/index.ts';
import { passwordIn } from './password-in.ts';

afterEach(() => vi.unstubAllEnvs());

const token = { ACCESS_TOKEN: 'access-1' };
const password = { MATRIX_USERNAME: 'bot', MATRIX_PASSWORD: 'pw' };

describe('the three set-ups', () => {
  it('an access token alone', () => {
    const given = credentialsFromEnv(token);
    expect(Object.keys(given)).toEqual(['accessToken']);
    expect(given.accessToken?.reveal()).toBe('access-1');
  });

  it('a user name and a password', () => {
    const given = credentialsFromEnv(password);
    expect(Object.keys(given)).toEqual(['login']);
    expect(given.login?.username).toBe('bot');
    expect(passwordIn(given)).toBe('pw');
  });

  it('both, with a refresh token and a device', () => {
    const given = credentialsFromEnv({
      ...token,
      ...password,
      MATRIX_REFRESH_TOKEN: 'refresh-1',
      MATRIX_DEVICE_ID: 'DEV',
    });
    expect(Object.keys(given).sort()).toEqual(['accessToken', 'deviceId', 'login', 'refreshToken']);
    expect(given.refreshToken?.reveal()).toBe('refresh-1');
    expect(given.deviceId).toBe('DEV');
  });

  it('from the environment of the process, by default', () => {
    vi.stubEnv('ACCESS_TOKEN', 'access-of-process');
    expect(credentialsFromEnv().accessToken?.reveal()).toBe('access-of-process');
  });
});

describe('nothing, or half of something: the error names what is missing', () => {
  it.each([
    [{}, /Set ACCESS_TOKEN, or MATRIX_USERNAME and MATRIX_PASSWORD\./],
    [{ MATRIX_DEVICE_ID: 'DEV' }, /Set ACCESS_TOKEN, or MATRIX_USERNAME and MATRIX_PASSWORD\./],
    [{ MATRIX_USERNAME: 'bot' }, /MATRIX_PASSWORD is missing/],
    [{ MATRIX_PASSWORD: 'pw' }, /MATRIX_USERNAME is missing/],
    [{ ...token, MATRIX_USERNAME: 'bot' }, /MATRIX_PASSWORD is missing/],
    [{ MATRIX_REFRESH_TOKEN: 'refresh-1' }, /ACCESS_TOKEN is missing/],
    [{ ...password, MATRIX_REFRESH_TOKEN: 'refresh-1' }, /ACCESS_TOKEN is missing/],
  ])('%j', (env, message) => {
    expect(() => credentialsFromEnv(env)).toThrow(CredentialsError);
    expect(() => credentialsFromEnv(env)).toThrow(message);
  });

  it.each(['', ' ', '\t\n'])('a variable that is blank (%j) counts as unset', (blank) => {
    expect(() => credentialsFromEnv({ ACCESS_TOKEN: blank })).toThrow(/nothing to sign in with/);
    expect(() => credentialsFromEnv({ MATRIX_USERNAME: blank, MATRIX_PASSWORD: blank })).toThrow(/nothing/);
    expect(() => credentialsFromEnv({ MATRIX_USERNAME: 'bot', MATRIX_PASSWORD: blank })).toThrow(
      /MATRIX_PASSWORD is missing/,
    );
    expect(Object.keys(credentialsFromEnv({ ...token, MATRIX_DEVICE_ID: blank }))).toEqual(['accessToken']);
  });

  it.each(['@@bot', 'a bot', ':server', '@bot:', '@bot:a@b', '@'])('a user name that is none: %j', (name) => {
    const make = () => credentialsFromEnv({ ...password, MATRIX_USERNAME: name });
    expect(make).toThrow(/MATRIX_USERNAME is no Matrix user name.*"@bot:example\.org"/);
  });
});

describe('a user name', () => {
  const nameIn = (MATRIX_USERNAME: string) =>
    credentialsFromEnv({ ...password, MATRIX_USERNAME }).login?.username;

  it.each([
    'bot',
    '@bot',
    '@bot:example.org',
    'First.Last',
    'bot@example.org',
    '+491701234567',
    '+49 170 1234567',
  ])('may be %j, with blanks or quotation marks around it', (name) => {
    for (const typed of [name, ` ${name}\t`, `${name}\r\n`, `"${name}"`, `'${name}'`, ` " ${name}" `]) {
      expect(nameIn(typed)).toBe(name);
    }
  });

  it.each([
    ['https://matrix.to/#/@bot:example.org', /web address/],
    ['#room:example.org', /name of a room/],
    ['!room:example.org', /name of a room/],
    ['+49', /no phone number with its country code/],
    ['bot@example.org:8448', /neither an e-mail address nor a Matrix user name/],
    ['a bot@example.org', /neither an e-mail address nor a Matrix user name/],
  ])('cannot be %j, and the error says what it seems to be', (name, message) => {
    expect(() => nameIn(name)).toThrow(message);
    expect(() => nameIn(name)).toThrow(/MATRIX_USERNAME is .*"@bot:example\.org"/);
  });
});

describe('no secret gets out', () => {
  const canaries = {
    ACCESS_TOKEN: 'canary-at-Environment1',
    MATRIX_REFRESH_TOKEN: 'canary-rt-Environment1',
    MATRIX_PASSWORD: 'canary-pw-Environment1',
  };
  const leaks = (text: string) => Object.values(canaries).some((canary) => text.includes(canary));

  it('in an error', () => {
    for (const MATRIX_USERNAME of [undefined, 'no user@x']) {
      let error: unknown;
      try {
        credentialsFromEnv({ ...canaries, MATRIX_USERNAME });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(CredentialsError);
      expect(leaks(inspect(error, { depth: null, showHidden: true }) + String(error))).toBe(false);
    }
  });

  it('in what is printed of the credentials', () => {
    const given = credentialsFromEnv({ ...canaries, MATRIX_USERNAME: 'bot' });
    const printed = [
      inspect(given, { depth: null, showHidden: true }),
      inspect(given, { depth: null, customInspect: false }),
      JSON.stringify(given),
      String(given.accessToken) + inspect(given.login?.password),
      JSON.stringify(structuredClone(given)),
    ];
    expect(printed.some(leaks)).toBe(false);
    expect(printed[0]).toContain('[redacted]');
  });
});

import { describe, expect, it } from 'vitest';
import { CredentialsError, credentials } from '../../../src/adapters/credentials/index.ts';
import { Secret } from '../../../src/ports/index.ts';
import { passwordIn } from './password-in.ts';

describe('credentials from options', () => {
  it('wraps strings, and takes secrets as they are', () => {
    const secret = new Secret('access-1');
    expect(credentials({ accessToken: secret }).accessToken).toBe(secret);
    expect(credentials({ accessToken: 'access-1' }).accessToken?.equals(secret)).toBe(true);
  });

  it('keeps a password as it is, blanks at its ends included', () => {
    expect(credentials({ username: ' bot ', password: ' p w ' }).login).toMatchObject({ username: 'bot' });
    expect(passwordIn(credentials({ username: 'bot', password: ' p w ' }))).toBe(' p w ');
  });

  it.each([
    [{}, /Set accessToken, or username and password\./],
    [{ accessToken: '' }, /nothing to sign in with/],
    [{ username: 'bot' }, /password is missing/],
    [{ username: 'bot', password: '' }, /password is missing/],
    [{ password: 'pw' }, /username is missing/],
    [{ username: ' ', password: 'pw' }, /username is missing/],
    [{ username: 'bot', password: 'pw', refreshToken: 'r' }, /accessToken is missing/],
  ])('%j: the error calls the options by their names', (options, message) => {
    expect(() => credentials(options)).toThrow(CredentialsError);
    expect(() => credentials(options)).toThrow(message);
  });

  it('a token with a line break at its end, as files have it, is the token without it', () => {
    const given = credentials({ accessToken: 'access-1\n', refreshToken: 'refresh-1\r\n' });
    expect(given.accessToken?.reveal()).toBe('access-1');
    expect(given.refreshToken?.reveal()).toBe('refresh-1');
  });

  it('a token of blanks is no token', () => {
    expect(() => credentials({ accessToken: ' \n' })).toThrow(/nothing to sign in with/);
  });

  it('a token that no HTTP header can carry is refused here, not retried for ever', () => {
    expect(() => credentials({ accessToken: 'access\n1' })).toThrow(CredentialsError);
    expect(() => credentials({ accessToken: 'access…' })).toThrow(CredentialsError);
  });
});

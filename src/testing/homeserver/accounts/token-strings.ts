import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function randomLetters(length: number, letters = LETTERS): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}

function base62(value: number): string {
  let digits = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) digits = BASE_62[rest % 62] + digits;
  return digits.padStart(6, '0');
}

/**
 * The kinds of token: `syt` an access token, `syr` a refresh token, `syl` a login token; those of
 * matrix-authentication-service: `mat` and `mar` of OAuth 2.0, `mct` and `mcr` of the API of before.
 */
export type TokenKind = 'syt' | 'syr' | 'syl' | 'mat' | 'mar' | 'mct' | 'mcr';

/** A new token in Synapse's form: kind, localpart in base 64, 20 random letters, checksum. */
export function newToken(kind: TokenKind, localpart: string): string {
  const base = `${kind}_${Buffer.from(localpart).toString('base64').replace(/=+$/, '')}_${randomLetters(20)}`;
  return `${base}_${base62(crc32(base))}`;
}

/** Whether this has the form of a refresh token and the right checksum. It may still be unknown. */
export function isRefreshTokenString(token: string): boolean {
  const [kind, localpart, random, checksum, ...rest] = token.split('_');
  return (
    kind === 'syr' &&
    checksum !== undefined &&
    rest.length === 0 &&
    checksum === base62(crc32(`${kind}_${localpart}_${random}`))
  );
}

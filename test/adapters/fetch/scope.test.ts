import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenScope } from '../../../src/adapters/fetch/index.ts';
import { rounds } from '../../support/long.ts';

const bases = [
  'https://example.org',
  'http://127.0.0.1:8008/',
  'https://example.org/matrix',
  'https://x.org/a/',
];
const scopes = bases.map((base) => ({ base: base.replace(/\/$/, ''), scope: new TokenScope(new URL(base)) }));

describe('a URL that the token surely may go to is seen without a parser', () => {
  it.each([
    '/_matrix/client/v3/account/whoami',
    '/_matrix/client/v3/sync?filter=0&timeout=30000&since=s1_2~3.4-5',
    '/_matrix/client/v3/rooms/%21room%3Aexample.org/send/m.room.message/m1700000000.1',
    '/_matrix/client/v3/rooms/!room:example.org/messages?dir=b&limit=10',
    '/_matrix/client/v1/media/download/example.org/AbC_4',
    '/_synapse/admin/v1/rooms',
  ])('%s', (path) => {
    expect(scopes.map(({ base, scope }) => scope.hasPlainly(`${base}${path}`))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});

/** What URLs are made of, and what a parser resolves, encodes, drops or reads otherwise. */
const part = fc.oneof(
  fc.constantFrom(
    '/',
    '_matrix/client/v3/',
    'sync',
    'login',
    'versions',
    'logout',
    'media/v3/download/x/y',
    'a',
  ),
  fc.constantFrom(
    '.',
    '..',
    '/./',
    '/../',
    '%2e',
    '%2E%2e/',
    '\\',
    '\t',
    '\n',
    ' ',
    '#',
    '?',
    '&',
    '=',
    '@',
    ':',
  ),
  fc.constantFrom('access_token=x', 'access%5Ftoken=x', '%61ccess_token=x', 'access_token', 'user_id=@a:b'),
  fc.constantFrom('%', '%zz', '%20', 'ü', '😀', '"', "'", '<', '>', '`', '{', '}', '|', '^', '[', ']', '\0'),
);
const start = fc.constantFrom(
  '',
  '/_matrix/client/v3/',
  '/_matrix/',
  '/_synapse/admin/',
  '.evil.org/',
  '@evil.org/',
  ':1/',
);

describe('and no other', () => {
  it('a parser finds the same in it, to the letter', () => {
    const urls = fc.tuple(fc.constantFrom(...scopes), start, fc.array(part, { maxLength: 8 }));
    let plain = 0;
    fc.assert(
      fc.property(urls, ([{ base, scope }, first, parts]) => {
        const text = `${base}${first}${parts.join('')}`;
        if (!scope.hasPlainly(text)) return;
        plain += 1;
        const url = new URL(text);
        expect(scope.has(url, false)).toBe(true);
        expect(url.href).toBe(text);
        expect(url.searchParams.get('access_token')).toBeNull();
      }),
      { numRuns: rounds({ short: 20_000, long: 500_000 }) },
    );
    expect(plain).toBeGreaterThan(500);
  });
});

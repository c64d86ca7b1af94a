import { describe, expect, it } from 'vitest';
import { HomeserverAddressError, parseHomeserverAddress } from '../../../src/adapters/homeserver/index.ts';

describe('a homeserver is named by', () => {
  it.each([
    ['https://matrix.example.org', 'https://matrix.example.org'],
    ['https://matrix.example.org/', 'https://matrix.example.org'],
    ['  https://matrix.example.org\n', 'https://matrix.example.org'],
    ['HTTPS://Matrix.Example.org', 'https://matrix.example.org'],
    ['http://127.0.0.1:8008', 'http://127.0.0.1:8008'],
    ['https://example.org:8448/', 'https://example.org:8448'],
    ['https://[::1]:8008', 'https://[::1]:8008'],
    ['https://example.org/matrix/', 'https://example.org/matrix'],
    ['https://example.org/_matrix/client/v3', 'https://example.org'],
    ['https://example.org/_matrix', 'https://example.org'],
    ['https://example.org/_matrix-two', 'https://example.org/_matrix-two'],
    ['"https://matrix.example.org"', 'https://matrix.example.org'],
    ["'https://matrix.example.org/'\r\n", 'https://matrix.example.org'],
    ['\ufeffhttps://matrix.example.org', 'https://matrix.example.org'],
    ['https//matrix.example.org', 'https://matrix.example.org'],
    ['https:/matrix.example.org', 'https://matrix.example.org'],
    ['http:///matrix.example.org:8008', 'http://matrix.example.org:8008'],
    ['localhost:8008', 'http://localhost:8008'],
    ['localhost', 'http://localhost'],
    ['127.0.0.1', 'http://127.0.0.1'],
    ['127.0.0.1:8008/', 'http://127.0.0.1:8008'],
    ['[::1]:8008', 'http://[::1]:8008'],
    ['synapse.localhost:8008', 'http://synapse.localhost:8008'],
  ])('the base URL %j', (text, url) => {
    expect(parseHomeserverAddress(text)).toEqual({ kind: 'url', url });
  });

  it.each([
    ['example.org', 'example.org'],
    ['Example.ORG', 'example.org'],
    [' example.org ', 'example.org'],
    ['example.org:8448', 'example.org:8448'],
    ['h', 'h'],
    ['example.org/', 'example.org'],
    ['example.org/_matrix/client/v3', 'example.org'],
    ['"example.org"', 'example.org'],
    ['https://example.org/.well-known/matrix/client', 'example.org'],
    ['synapse:8008', 'synapse:8008'],
    ['[2001:db8::1]:8448', '[2001:db8::1]:8448'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('the server name %j', (text, serverName) => {
    expect(parseHomeserverAddress(text)).toEqual({ kind: 'server-name', serverName });
  });
});

describe('an address that is none', () => {
  it.each([
    'ftp://example.org',
    'xhttp://example.org',
    'https:example.org://x',
    'https://bot@example.org',
    'https://:x@example.org',
    'https://',
    'https://exa mple.org',
    '',
    '@bot:example.org',
    'example.org/matrix',
    'exam ple.org',
    '-example.org',
    'example.org:port',
    'https://example.org?x=1',
    'https://example.org#x',
  ])('%j: the error shows what a good one looks like', (text) => {
    expect(() => parseHomeserverAddress(text)).toThrow(HomeserverAddressError);
    expect(() => parseHomeserverAddress(text)).toThrow(
      expect.objectContaining({ name: 'HomeserverAddressError' }),
    );
    expect(() => parseHomeserverAddress(text)).toThrow(/https:\/\/matrix\.example\.org/);
  });

  it.each([
    ['@bot:example.org', /id of a user or a room.*behind the colon/],
    ['#room:example.org', /id of a user or a room/],
    ['bot@example.org', /@ in it, as an e-mail/],
    ['https://matrix.to/#/@bot:example.org', /link to a user or a room/],
    ['matrix:u/bot:example.org', /link to a user or a room/],
    ['https://app.element.io', /web client/],
    ['https://app.element.io/#/home', /web client/],
    ['https://app.cinny.in/', /web client/],
    ['https://chat.example.org/#/room/#a:example.org', /web client/],
    ['example.org/matrix', /a path but no scheme.*put https:\/\/ before it/],
    ['https://https://example.org', /its scheme twice/],
    ['example.org:99999', /neither a URL nor a server name/],
    ['example.org:0', /neither a URL nor a server name/],
    ['htps://example.org', /not an http or https URL/],
    ['https://a.example.org, https://b.example.org', /./],
    ['""', /neither a URL nor a server name/],
  ])('%j: the error says what it seems to be', (text, message) => {
    expect(() => parseHomeserverAddress(text)).toThrow(message);
    expect(() => parseHomeserverAddress(text)).toThrow(HomeserverAddressError);
  });

  it('with a password in it: the error does not repeat it', () => {
    const secret = 'canary-pw-InTheAddress';
    let message = '';
    try {
      parseHomeserverAddress(`https://bot:${secret}@example.org`);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('base URL alone');
    expect(message.includes(secret)).toBe(false);
  });
});

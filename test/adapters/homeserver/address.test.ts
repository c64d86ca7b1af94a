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
    ['0.0.0.0:8008', 'http://0.0.0.0:8008'],
    ['https://example.org/_matrix/client/versions', 'https://example.org'],
    ['https://example.org/_matrix/federation/v1/version', 'https://example.org'],
    ['https://example.org/_synapse/client', 'https://example.org'],
    ['https://example.org/matrix/_matrix/client/v3/', 'https://example.org/matrix'],
    ['<https://matrix.example.org>', 'https://matrix.example.org'],
    ['“https://matrix.example.org”', 'https://matrix.example.org'],
    ['https://matrix.example.org,', 'https://matrix.example.org'],
    ['HOMESERVER_URL=https://matrix.example.org', 'https://matrix.example.org'],
    ['export HOMESERVER_URL="https://matrix.example.org"', 'https://matrix.example.org'],
    ['https:\\\\matrix.example.org', 'https://matrix.example.org'],
    ['https;//matrix.example.org', 'https://matrix.example.org'],
    ['https://matrix.example.org:443/', 'https://matrix.example.org'],
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
    ['bücher.example', 'xn--bcher-kva.example'],
    ['[2001:db8::1]', '[2001:db8::1]'],
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
    ['example.org:99999', /a port that is not from 1 to 65535/],
    ['example.org:0', /a port that is not from 1 to 65535/],
    ['https://example.org:99999', /a port that is not from 1 to 65535/],
    ['https://example.org:0/', /a port that is not from 1 to 65535/],
    ['htps://example.org', /not an http or https URL/],
    ['https://a.example.org, https://b.example.org', /more than one\. Give a single one/],
    ['https://a.example.org,https://b.example.org', /more than one/],
    ['a.example.org b.example.org', /more than one/],
    ['https:// example.org', /a blank in it/],
    ['matrix.to/#/@bot:example.org', /link to a user or a room.*behind the colon in the link/],
    ['app.element.io', /web client/],
    ['::1', /IPv6 address without brackets.*http:\/\/\[::1\]:8008/],
    ['::1:8008', /IPv6 address without brackets/],
    ['http://::1:8008', /IPv6 address without brackets/],
    ['https://2001:db8::1/', /IPv6 address without brackets/],
    ['http://[fe80::1%25eth0]:8008', /with a zone/],
    ['fe80::1%eth0', /with a zone/],
    ['${HOMESERVER_URL}', /a placeholder that nothing was put in the place of/],
    ['https://{{ domain }}', /a placeholder/],
    ['undefined', /a placeholder/],
    ['https://undefined:8008', /a placeholder/],
    ['<your homeserver>', /a placeholder/],
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

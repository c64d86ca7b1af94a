import { describe, expect, it } from 'vitest';
import { discoverHomeserver } from '../../../src/adapters/homeserver/index.ts';
import { json, startTinyServer, type Handler } from './tiny-server.ts';

/** Discovery asks by https only; here its request goes to a server of this test instead. */
async function discover(handler: Handler, serverName = 'example.org') {
  const server = await startTinyServer(handler);
  const asked: string[] = [];
  const found = await discoverHomeserver(serverName, {
    fetch: (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      asked.push(url.href);
      return fetch(`${server.url}${url.pathname}`, init);
    },
    timeoutMs: 5_000,
  });
  return { found, asked, server };
}

describe('finds the base URL', () => {
  it.each([
    ['https://matrix.example.org', 'https://matrix.example.org'],
    ['https://matrix.example.org/', 'https://matrix.example.org'],
    ['https://matrix.example.org:8448/sub/', 'https://matrix.example.org:8448/sub'],
  ])('in .well-known: %s', async (base_url, url) => {
    const { found, asked } = await discover((response) =>
      json(response, 200, { 'm.homeserver': { base_url }, 'm.identity_server': {} }),
    );
    expect(found).toEqual({ outcome: 'found', url });
    expect(asked).toEqual(['https://example.org/.well-known/matrix/client']);
  });

  it('whatever content type it has', async () => {
    const { found } = await discover((response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/octet-stream' })
        .end('{"m.homeserver":{"base_url":"https://m.example.org"}}'),
    );
    expect(found).toEqual({ outcome: 'found', url: 'https://m.example.org' });
  });

  it('behind a redirect', async () => {
    const { found } = await discover((response, { url }) =>
      url === '/moved'
        ? json(response, 200, { 'm.homeserver': { base_url: 'https://m.example.org' } })
        : response.writeHead(302, { Location: '/moved' }).end(),
    );
    expect(found).toEqual({ outcome: 'found', url: 'https://m.example.org' });
  });

  it('at the server name itself, where there is no .well-known', async () => {
    const { found } = await discover((response) => response.writeHead(404).end('no'), 'example.org:8448');
    expect(found).toEqual({ outcome: 'found', url: 'https://example.org:8448' });
  });
});

describe('is trouble, which says what to do', () => {
  it.each<[string, Handler, RegExp]>([
    ['no JSON', (response) => response.end('<html>'), /is not JSON/],
    ['half of it', (response) => response.end('{"m.homeserver":'), /is not JSON/],
    ['no m.homeserver', (response) => json(response, 200, {}), /no usable m\.homeserver\.base_url/],
    ['no base_url', (response) => json(response, 200, { 'm.homeserver': {} }), /no usable/],
    ['a number', (response) => json(response, 200, { 'm.homeserver': { base_url: 1 } }), /no usable/],
    ['no URL', (response) => json(response, 200, { 'm.homeserver': { base_url: 'example' } }), /no usable/],
    [
      'a URL that is not http',
      (response) => json(response, 200, { 'm.homeserver': { base_url: 'ftp://x.org' } }),
      /no usable/,
    ],
    ['403', (response) => response.writeHead(403).end(), /answered 403/],
    ['500', (response) => json(response, 500, {}), /answered 500/],
    ['a cut connection', (response) => response.destroy(), /could not be read/],
  ])('%s', async (_, handler, why) => {
    const { found } = await discover(handler);
    expect(found).toEqual({ outcome: 'trouble', why: expect.stringMatching(why) });
    expect(found).toEqual({ outcome: 'trouble', why: expect.stringContaining('set HOMESERVER_URL') });
  });

  it('no answer in time', async () => {
    const server = await startTinyServer(() => {});
    const found = await discoverHomeserver('example.org', {
      fetch: (_, init) => fetch(server.url, init),
      timeoutMs: 30,
    });
    expect(found).toMatchObject({ outcome: 'trouble' });
  });

  it('an abort', async () => {
    const server = await startTinyServer(() => {});
    const abort = new AbortController();
    const found = discoverHomeserver('example.org', {
      fetch: (_, init) => fetch(server.url, init),
      signal: abort.signal,
    });
    await server.arrived(1);
    abort.abort();
    expect(await found).toMatchObject({ outcome: 'trouble' });
  });
});

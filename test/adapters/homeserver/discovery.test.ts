import fc from 'fast-check';
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
    const { found, asked } = await discover(
      (response) => response.writeHead(404).end('no'),
      'example.org:8448',
    );
    expect(found).toEqual({ outcome: 'found', url: 'https://example.org:8448' });
    expect(asked).toEqual(['https://example.org/.well-known/matrix/client']);
  });
});

describe('is trouble, which says what to do', () => {
  const named =
    (base_url: unknown): Handler =>
    (response) =>
      json(response, 200, { 'm.homeserver': { base_url } });

  it.each<[string, Handler, RegExp]>([
    [
      'HTML',
      (response) => response.end('<html><title>Our site</title>'),
      /is not JSON but HTML \(200, "Our site"\)/,
    ],
    ['half of the JSON', (response) => response.end('{"m.homeserver":'), /is not JSON;/],
    [
      'a trailing comma',
      (response) => response.end('{"m.homeserver":{"base_url":"https://m.example.org",}}'),
      /is not JSON \(there is a comma after its last entry\)/,
    ],
    ['nothing', (response) => response.end(), /is empty/],
    ['no m.homeserver', (response) => json(response, 200, {}), /m\.homeserver is missing/],
    ['an array', (response) => json(response, 200, []), /m\.homeserver is missing/],
    ['null', (response) => json(response, 200, null), /m\.homeserver is missing/],
    ['no base_url', (response) => json(response, 200, { 'm.homeserver': {} }), /base_url: it is missing/],
    ['null as base_url', named(null), /base_url: it is null/],
    ['a number', named(1), /base_url: it is no text but of type number/],
    ['an empty base_url', named(' '), /base_url: it is empty/],
    [
      'no scheme',
      named('matrix.example.org'),
      /no scheme \("matrix\.example\.org"\); it has to begin with https/,
    ],
    ['a port and no scheme', named('matrix.example.org:8448'), /no scheme/],
    [
      'a URL that is not http',
      named('ftp://x.org'),
      /no http or https URL of a homeserver \("ftp:\/\/x\.org"\)/,
    ],
    ['a web client', named('https://app.element.io/#/x'), /no http or https URL of a homeserver/],
    ['403', (response) => response.writeHead(403).end('<title>No</title>'), /answered 403, "No"/],
    ['500', (response) => json(response, 500, {}), /answered 500, application\/json/],
  ])('%s', async (_, handler, why) => {
    const { found } = await discover(handler);
    expect(found).toEqual({
      outcome: 'trouble',
      code: 'well-known-unusable',
      why: expect.stringMatching(why),
    });
    expect(found).toMatchObject({
      why: expect.stringMatching(/^https:\/\/example\.org\/\.well-known.*set HOMESERVER_URL/),
    });
  });

  it('a cut connection', async () => {
    const { found } = await discover((response) => response.destroy());
    expect(found).toMatchObject({
      outcome: 'trouble',
      code: 'connection-reset',
      why: expect.stringMatching(/could not be read: .*ended without an answer.*set HOMESERVER_URL/),
    });
  });

  it('a token in the file is not repeated', async () => {
    const { found } = await discover(named('syt_canary-at-12345678_x'));
    expect(JSON.stringify(found)).not.toContain('canary-at-12345678');
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

it('whatever the file holds: an address that can be asked, or what is wrong, in one line without a secret', async () => {
  const odd = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.jsonValue().map((value) => JSON.stringify({ 'm.homeserver': value })),
    fc.jsonValue().map((value) => JSON.stringify({ 'm.homeserver': { base_url: value } })),
    fc
      .oneof(
        fc.webUrl(),
        fc.string(),
        fc.constantFrom('https://bot:canary-pw-1@x.example', 'syt_Ym90_canary-at-1_x'),
      )
      .map((base) => JSON.stringify({ 'm.homeserver': { base_url: base }, 'm.identity_server': null })),
  );
  const status = fc.constantFrom(200, 200, 200, 201, 400, 401, 403, 429, 500, 503);
  await fc.assert(
    fc.asyncProperty(odd, status, async (text, code) => {
      const found = await discoverHomeserver('example.org', {
        fetch: async () => new Response(text, { status: code }),
      });
      if (found.outcome === 'found') {
        expect(new URL(`${found.url}/_matrix/client/versions`).protocol).toMatch(/^https?:$/);
        expect(found.url).not.toMatch(/\/$/);
      } else {
        expect(found.why).not.toMatch(/canary-|[\r\n]/);
        expect(found.why.length).toBeLessThan(400);
        expect(found.why).toContain('HOMESERVER_URL');
      }
    }),
    { numRuns: 500 },
  );
});

import { createServer, request as httpsRequest } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHomeserver, troubleIn } from '../../../src/adapters/homeserver/index.ts';
import { rejectionText } from '../../../src/machines/index.ts';
import { Secret } from '../../../src/ports/index.ts';
import { listenOnLoopback } from '../../../src/testing/listen.ts';
import { type Certificate, makeCertificate } from '../../support/certificate.ts';
import { type Handler, json, startTinyServer } from './tiny-server.ts';

const token = new Secret('canary-at-Trouble1');

/** What is found to be wrong, in data and in words. */
async function troubleAt(url: string, options: { fetch?: typeof globalThis.fetch; timeoutMs?: number } = {}) {
  const answer = await createHomeserver({ url, ...options }).whoami(token);
  if (answer.ok) throw new Error('no trouble');
  const { rejection } = answer;
  expect(inspect(rejection, { depth: null })).not.toContain('canary-at-');
  return { code: troubleIn(rejection, Date.now())?.code, text: rejectionText(rejection), rejection };
}

async function listening(server: Server): Promise<number> {
  const port = await listenOnLoopback(server as never, 0);
  onTestFinished(() => void server.close());
  return port;
}

/** A server of https with this certificate, which answers as a homeserver does. */
function startTls({ cert, key }: Certificate): Promise<number> {
  const server = createServer({ cert, key }, (_, response) =>
    json(response, 200, { user_id: '@bot:localhost' }),
  );
  return listening(server);
}

/** `fetch` of a Node that trusts this authority. */
function trusting(authority: Certificate): typeof globalThis.fetch {
  return (input) =>
    new Promise((resolve, reject) => {
      const asked = httpsRequest(
        input instanceof Request ? input.url : input,
        { ca: authority.cert, agent: false },
        () => resolve(Response.json({ user_id: '@bot:localhost' })),
      );
      asked.once('error', (cause) => reject(new TypeError('fetch failed', { cause })));
      asked.end();
    });
}

describe('a connection that fails', () => {
  it('refused', async () => {
    const { url, server } = await startTinyServer(() => {});
    await new Promise((resolve) => server.close(resolve));
    const { code, text } = await troubleAt(url);
    expect(code).toBe('connection-refused');
    expect(text).toBe(
      `whoami: the homeserver could not be reached at ${new URL(url).host}: it refuses the connection (ECONNREFUSED)`,
    );
  });

  it('ended without an answer', async () => {
    const { url } = await startTinyServer((response) => response.destroy());
    expect((await troubleAt(url)).code).toBe('connection-reset');
  });

  it('no answer in time', async () => {
    const { url } = await startTinyServer(() => {});
    expect(await troubleAt(url, { timeoutMs: 30 })).toMatchObject({
      code: 'timeout',
      text: 'whoami: the homeserver did not answer in time',
    });
  });

  it('something that speaks no http', async () => {
    const port = await listening(createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.7\r\n')));
    expect((await troubleAt(`http://127.0.0.1:${port}`)).code).toBe('plain-on-tls-port');
  });

  it.each([
    ['ENOTFOUND', 'name-unresolved', /does not resolve/],
    ['EAI_AGAIN', 'name-unresolved', /does not resolve/],
    ['EHOSTUNREACH', 'host-unreachable', /no route/],
    ['ENETUNREACH', 'host-unreachable', /no route/],
    ['ETIMEDOUT', 'timeout', /in time/],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', /in time/],
    ['UND_ERR_SOCKET', 'connection-reset', /without an answer/],
    ['EPIPE', 'connection-reset', /without an answer/],
    ['CERT_NOT_YET_VALID', 'certificate-expired', /not valid yet/],
    ['CERT_SOMETHING_NEW', 'certificate-untrusted', /not accepted/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls-failed', /no secure connection/],
    ['ESOMETHING', 'unreachable', /did not get there/],
  ])('%s is %s', async (system, code, words) => {
    const cause = Object.assign(new Error('with canary-at-Quoted1 in it'), { code: system });
    const inside = system === 'ENETUNREACH' ? new AggregateError([cause], 'all of them') : cause;
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: inside }));
    const { text, ...found } = await troubleAt('https://matrix.example.org', { fetch });
    expect(found.code).toBe(code);
    expect(text).toMatch(words);
    expect(text).toContain(`at matrix.example.org: `);
    expect(text).toContain(`(${system})`);
  });

  it('by a fetch that throws anything', async () => {
    for (const thrown of [undefined, 'canary-at-Thrown1', new Error('canary-at-Thrown1'), { code: 7 }]) {
      const { code } = await troubleAt('https://matrix.example.org', { fetch: () => Promise.reject(thrown) });
      expect(code).toBe('unreachable');
    }
  });
});

describe('a certificate', () => {
  it('that is self-signed', async () => {
    const port = await startTls(makeCertificate());
    const { code, text } = await troubleAt(`https://127.0.0.1:${port}`);
    expect([code, text]).toEqual([
      'certificate-self-signed',
      expect.stringContaining('certificate is self-signed'),
    ]);
  });

  it('of an issuer that is not known', async () => {
    const port = await startTls(makeCertificate({ issuer: makeCertificate({ authority: true }) }));
    expect((await troubleAt(`https://127.0.0.1:${port}`)).code).toBe('certificate-untrusted');
  });

  const authority = makeCertificate({ authority: true });
  it.each([
    ['that has expired', 'certificate-expired', { endsInDays: -1 }],
    ['of another host', 'certificate-wrong-host', { hosts: ['matrix.example.org'] }],
  ] as const)('%s', async (_, code, options) => {
    const port = await startTls(makeCertificate({ issuer: authority, ...options }));
    expect((await troubleAt(`https://127.0.0.1:${port}`, { fetch: trusting(authority) })).code).toBe(code);
  });

  it('that is in order is no trouble', async () => {
    const port = await startTls(makeCertificate({ issuer: authority }));
    const homeserver = createHomeserver({ url: `https://127.0.0.1:${port}`, fetch: trusting(authority) });
    expect(await homeserver.whoami(token)).toMatchObject({ ok: true });
  });
});

it('https to a port that speaks http', async () => {
  const { url } = await startTinyServer((response) => json(response, 200, {}));
  const { code, text } = await troubleAt(url.replace('http:', 'https:'));
  expect([code, text]).toEqual(['tls-on-plain-port', expect.stringContaining('its port speaks plain http')]);
});

it('http to a port that speaks https, where the server says so', async () => {
  const { url } = await startTinyServer((response) =>
    response
      .writeHead(400, { 'Content-Type': 'text/html' })
      .end('<title>400 The plain HTTP request was sent to HTTPS port'),
  );
  expect((await troubleAt(url)).code).toBe('plain-on-tls-port');
});

describe('a redirect is named with where it leads', () => {
  it.each([
    [301, 'https://www.example.org/_matrix/client/v3/account/whoami', 'https://www.example.org'],
    [
      308,
      'https://example.org/sub/_matrix/client/v3/account/whoami?x=canary-at-1',
      'https://example.org/sub',
    ],
    [302, 'https://sso.example.org/login?rd=canary-at-1#x', 'https://sso.example.org/login'],
    [307, '//other.example.org/', 'http://other.example.org'],
    [303, 'http://', 'nowhere'],
  ])('%i to %s', async (status, location, target) => {
    const { url } = await startTinyServer((response) =>
      response.writeHead(status, { Location: location }).end(),
    );
    const { code, text, rejection } = await troubleAt(url);
    expect([code, rejection.status]).toEqual(['redirect', status]);
    expect(text).toBe(`whoami: the address redirects (${status}) to ${target}, which was not followed`);
  });

  it('or that it leads nowhere', async () => {
    const { url } = await startTinyServer((response) => response.writeHead(301).end());
    expect((await troubleAt(url)).text).toContain('to nowhere');
  });
});

describe('what answers is', () => {
  const page = '<!doctype html><html><head><title>\n Element | All  your chats </title></head></html>';
  const html =
    (status: number, body = page): Handler =>
    (response) =>
      response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' }).end(body);

  it.each<[string, Handler, string, string]>([
    ['a web client', html(200), 'no-homeserver', '200, text/html, "Element | All your chats"'],
    ['a website', html(404, '<h1>Not found</h1>'), 'no-homeserver', '404, text/html, "Not found"'],
    ['405 of a web server', html(405, ''), 'no-homeserver', '405, text/html'],
    ['nothing', (response) => response.writeHead(404).end(), 'no-homeserver', '404, an empty answer'],
    [
      'text',
      (response) => response.writeHead(200, { 'Content-Type': 'text/plain' }).end('OK'),
      'no-homeserver',
      '200, text/plain',
    ],
    [
      'JSON that is no object',
      (response) => json(response, 200, 'ok'),
      'no-homeserver',
      '200, application/json',
    ],
    [
      'a firewall',
      html(403, '<title>Access denied</title>'),
      'access-denied',
      '403, text/html, "Access denied"',
    ],
    ['a login page', html(401, '<title>Sign in</title>'), 'access-denied', '401, text/html, "Sign in"'],
    [
      'a proxy alone',
      html(502, '<h1>502 Bad Gateway</h1>'),
      'server-error',
      '502, text/html, "502 Bad Gateway"',
    ],
    ['a proxy that limits', html(429, 'slow down'), 'rate-limited', '429, text/html'],
  ])('%s', async (_, handler, code, words) => {
    const { url } = await startTinyServer(handler);
    const found = await troubleAt(url);
    expect(found.code).toBe(code);
    expect(found.text).toContain(`: ${words}`);
  });

  it('no secret in a title, and no endless one', async () => {
    const { url } = await startTinyServer(
      html(200, `<title>syt_canary-at-abcdefgh ${'x'.repeat(5_000)}</title>`),
    );
    expect((await troubleAt(url)).text.length).toBeLessThan(160);
  });
});

describe('a homeserver that', () => {
  it('limits: until when', async () => {
    const now = new Date(2030, 1, 1, 20, 15, 3).getTime();
    const rejection = {
      endpoint: 'login',
      status: 429,
      errcode: 'M_LIMIT_EXCEEDED',
      retryAfterMs: 60_000,
    } as const;
    expect(troubleIn(rejection, now)).toEqual({
      code: 'rate-limited',
      what: 'login: 429 M_LIMIT_EXCEEDED, until 20:16:03',
    });
  });

  it('sends JSON without what has to be in it', async () => {
    const { url } = await startTinyServer((response) => json(response, 200, {}));
    expect((await troubleAt(url)).code).toBe('malformed-answer');
  });

  it('has a problem', async () => {
    const { url } = await startTinyServer((response) => json(response, 503, { errcode: 'M_UNKNOWN' }));
    expect((await troubleAt(url)).code).toBe('server-error');
  });

  it('refuses is no trouble of this kind', async () => {
    const { url } = await startTinyServer((response) => json(response, 401, { errcode: 'M_UNKNOWN_TOKEN' }));
    expect(await troubleAt(url)).toMatchObject({ code: undefined, text: 'whoami: 401 M_UNKNOWN_TOKEN' });
  });
});

describe('whether a homeserver is there', () => {
  async function versionsAt(handler: Handler) {
    const server = await startTinyServer(handler);
    const answer = await createHomeserver({ url: server.url }).versions();
    expect(server.seen.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
      ['GET', '/_matrix/client/versions', undefined],
    ]);
    return answer.ok ? 'go on' : troubleIn(answer.rejection, 0)?.code;
  }

  it.each<[string, Handler]>([
    ['its versions', (response) => json(response, 200, { versions: ['v1.1'] })],
    ['a Matrix error', (response) => json(response, 404, { errcode: 'M_UNRECOGNIZED' })],
    ['a refusal of a proxy, which may let the login pass', (response) => response.writeHead(403).end()],
  ])('yes, by %s', async (_, handler) => {
    expect(await versionsAt(handler)).toBe('go on');
  });

  it.each<[string, Handler]>([
    ['no-homeserver', (response) => response.end('<html>')],
    ['no-homeserver', (response) => response.writeHead(404).end('<html>')],
    ['redirect', (response) => response.writeHead(301, { Location: 'https://example.org' }).end()],
    ['connection-reset', (response) => response.destroy()],
    ['server-error', (response) => json(response, 503, {})],
    ['rate-limited', (response) => json(response, 429, {})],
  ])('not now: %s', async (code, handler) => {
    expect(await versionsAt(handler)).toBe(code);
  });
});

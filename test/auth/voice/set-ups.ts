import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { matrixJsSdk } from '../../../src/adapters/matrix-js-sdk/index.ts';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { credentials, type MatrixAuthOptions } from '../../../src/index.ts';
import type { FaultProxy, RequestMatch, TestHomeserver } from '../../../src/testing/index.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { Person } from '../../support/rest.ts';

export interface Place {
  readonly homeserver: TestHomeserver;
  readonly proxy: FaultProxy;
  readonly password: string;
}

/** A set-up that is wrong, and what a bot without listeners has to say of it. */
export interface SetUp {
  readonly name: string;
  /** The options that differ from a good set-up. */
  readonly options: (place: Place) => Promise<Partial<MatrixAuthOptions<unknown>>>;
  /** All of them are in one line. */
  readonly says: readonly RegExp[];
}

const everything: RequestMatch = () => true;
const to =
  (end: string): RequestMatch =>
  ({ path }) =>
    path.endsWith(end);

/** The proxy answers these requests itself, for ever. */
function answering(
  match: RequestMatch,
  status: number,
  body: string | object,
  headers = {},
): SetUp['options'] {
  return async ({ proxy }) => {
    proxy.inject({
      match,
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'answer', status, body, headers },
    });
    return {};
  };
}

/** The proxy answers as a website does that redirects elsewhere. */
function redirecting(origin: string): SetUp['options'] {
  return answering(everything, 301, '', { location: `${origin}/_matrix/client/versions` });
}

/** `.well-known` of `example.test` is answered by the proxy. */
function wellKnown(status: number, body: string): SetUp['options'] {
  return async (place) => {
    await answering(everything, status, body)(place);
    return {
      homeserver: 'example.test',
      fetch: (input, init) =>
        fetch(new Request(input).url.replace('https://example.test', place.proxy.url), init),
    };
  };
}

/** A port on this computer that nothing listens at. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function selfSignedServer(): Promise<string> {
  const { cert, key } = makeCertificate();
  const server = createServer({ cert, key }, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Each answer of it begins, and does not end. */
async function stallingServer(): Promise<string> {
  const server = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function tokenOf({ homeserver, password }: Place): Promise<string> {
  const user = { localpart: 'bot', password };
  return (await Person.signIn(homeserver.url, user, { refreshToken: true })).tokens.access_token;
}

const html = '<!doctype html><title>Element</title><body>';
const page = { 'content-type': 'text/html' };

export const setUps: readonly SetUp[] = [
  {
    name: 'a host that does not exist',
    options: async () => ({
      homeserver: 'https://matrix.example.test',
      fetch: () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } })),
    }),
    says: [/name-unresolved/, /matrix\.example\.test/, /HOMESERVER_URL/],
  },
  {
    name: 'a port that nothing listens at',
    options: async () => ({ homeserver: `http://127.0.0.1:${await closedPort()}` }),
    says: [/connection-refused/, /127\.0\.0\.1:\d+/, /Check the port/],
  },
  {
    name: 'a host that does not answer',
    options: async ({ proxy }) => {
      proxy.inject({ match: everything, times: Number.POSITIVE_INFINITY, fault: { kind: 'hang' } });
      return {};
    },
    says: [/timeout/, /not answered/, /firewall/],
  },
  {
    name: 'a host whose answers do not end',
    options: async () => ({ homeserver: await stallingServer() }),
    says: [/timeout/, /not answered/, /firewall/],
  },
  {
    name: 'https to a port that speaks http',
    options: async ({ proxy }) => ({ homeserver: proxy.url.replace('http:', 'https:') }),
    says: [/tls-on-plain-port/, /Write http:\/\//],
  },
  {
    name: 'a self-signed certificate',
    options: async () => ({ homeserver: await selfSignedServer() }),
    says: [/certificate-self-signed/, /NODE_EXTRA_CA_CERTS/],
  },
  {
    name: 'a redirect from http to https',
    options: redirecting('https://matrix.example.test'),
    says: [/redirect/, /https:\/\/matrix\.example\.test/, /Set HOMESERVER_URL/],
  },
  {
    name: 'a redirect to www',
    options: redirecting('https://www.example.test'),
    says: [/redirect/, /https:\/\/www\.example\.test/, /Set HOMESERVER_URL/],
  },
  {
    name: 'the address of a web client',
    options: answering(everything, 200, html, page),
    says: [/no-homeserver/, /200, text\/html, "Element"/, /base URL/],
  },
  {
    name: 'a website',
    options: answering(everything, 404, '<h1>Not found</h1>', page),
    says: [/no-homeserver/, /404, text\/html, "Not found"/, /base URL/],
  },
  {
    name: 'a login page in front of it',
    options: answering(everything, 401, '<title>Sign in</title>', page),
    says: [/access-denied/, /refuses the request: 401, text\/html, "Sign in"/, /Let it pass/],
  },
  {
    name: 'a homeserver that is down',
    options: answering(everything, 502, '<title>Bad Gateway</title>', page),
    says: [/server-error/, /502, text\/html, "Bad Gateway"/, /by itself/],
  },
  {
    name: '.well-known that is forbidden',
    options: wellKnown(403, ''),
    says: [/well-known-unusable/, /403/, /HOMESERVER_URL/],
  },
  {
    name: '.well-known with a comma too many',
    options: wellKnown(200, '{"m.homeserver": {"base_url": "https://matrix.example.test"},}'),
    says: [/well-known-unusable/, /comma/],
  },
  { name: '.well-known that is empty', options: wellKnown(200, ''), says: [/well-known-unusable/, /empty/] },
  {
    name: '.well-known that is a website',
    options: wellKnown(200, html),
    says: [/well-known-unusable/, /HTML/],
  },
  {
    name: '.well-known without an address',
    options: wellKnown(200, '{"m.homeserver": {"base_url": null}}'),
    says: [/well-known-unusable/, /base_url/, /null/],
  },
  {
    name: 'a wrong password',
    options: async () => ({ credentials: credentials({ username: 'bot', password: 'canary-pw-wrong' }) }),
    says: [/login-refused/, /MATRIX_PASSWORD/],
  },
  {
    name: 'an expired token and nothing else',
    options: async (place) => {
      const accessToken = await tokenOf(place);
      place.homeserver.expireTokens();
      return { credentials: credentials({ accessToken }) };
    },
    says: [/token-refused/, /MATRIX_USERNAME/],
  },
  {
    name: 'a mistyped token',
    options: async (place) => ({ credentials: credentials({ accessToken: `${await tokenOf(place)}x` }) }),
    says: [/token-refused/, /ACCESS_TOKEN/],
  },
  {
    name: 'a login that is rate-limited',
    options: answering(to('/login'), 429, {
      errcode: 'M_LIMIT_EXCEEDED',
      error: 'no',
      retry_after_ms: 90_000,
    }),
    says: [/rate-limited/, /until \d\d:\d\d:\d\d/],
  },
  {
    name: 'a login budget that is spent',
    options: async (place) => {
      await answering(to('/login'), 400, { errcode: 'M_CONSENT_NOT_GIVEN', error: 'no' })(place);
      return { loginBudget: { burst: 1 } };
    },
    says: [/login-budget-spent/, /at \d\d:\d\d:\d\d/, /session store/],
  },
  {
    name: '/sync that is refused for ever',
    options: async (place) => {
      await answering(to('/sync'), 400, { errcode: 'M_INVALID_PARAM', error: 'no' })(place);
      return { client: matrixJsSdk() };
    },
    says: [/sync-refused/, /400 M_INVALID_PARAM/],
  },
  {
    name: '/sync that runs into a proxy’s time limit',
    options: async (place) => {
      await answering(to('/sync'), 504, '<html>', page)(place);
      return { client: matrixJsSdk() };
    },
    says: [/sync-slow/, /first sync/, /504/],
  },
  {
    name: 'a proxy that strips the Authorization header',
    options: answering(to('/whoami'), 401, { errcode: 'M_MISSING_TOKEN', error: 'no' }),
    says: [/authorization-stripped/, /proxy/, /let it pass the header on/],
  },
  {
    name: 'a store that another process holds',
    options: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-'));
      const path = join(directory, 'bot.db');
      const sessions = sqliteSessions(path);
      await sessions.read('other');
      const other = new DatabaseSync(path);
      other.exec('BEGIN EXCLUSIVE');
      onTestFinished(async () => {
        other.close();
        await rm(directory, { recursive: true, force: true });
      });
      return { sessions };
    },
    says: [/store-away/, /other process holds/],
  },
];

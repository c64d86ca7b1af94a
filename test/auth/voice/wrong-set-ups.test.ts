import { createServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMatrixAuth, credentials, type MatrixAuthOptions } from '../../../src/index.ts';
import { type Fault, startFaultProxy, startTestHomeserver } from '../../../src/testing/index.ts';
import { listenOnLoopback } from '../../../src/testing/listen.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { PASSWORD, quick } from '../make.ts';

type Options = Partial<MatrixAuthOptions<unknown>>;
type Proxy = Awaited<ReturnType<typeof startFaultProxy>>;

const html = (status: number, title: string, headers = {}) => ({
  kind: 'answer' as const,
  status,
  headers: { 'Content-Type': 'text/html', ...headers },
  body: `<title>${title}</title>`,
});
const wellKnown = (status: number, body: string): Options => ({
  homeserver: 'example.org',
  fetch: async () => new Response(body, { status }),
});
const failing = (code: string): Options => ({
  homeserver: 'http://matrix.example.org',
  fetch: () => Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) })),
});
const certificate = makeCertificate();
const tls = createServer({ cert: certificate.cert, key: certificate.key });

const always = (proxy: Proxy, fault: Fault, path?: string): Options => {
  proxy.inject({ match: path === undefined ? {} : { path }, times: Number.POSITIVE_INFINITY, fault });
  return {};
};

/** Set-ups that are wrong, the code that each has to say, and in which words, without any listener. */
const wrong: readonly (readonly [
  name: string,
  make: (proxy: Proxy) => Options | Promise<Options>,
  code: string,
  says: RegExp,
])[] = [
  [
    'a redirect',
    (proxy) => always(proxy, html(301, 'Moved', { Location: 'https://www.example.org/' })),
    'redirect',
    /redirects \(301\) to https:\/\/www\.example\.org, which was not followed\. .*Set HOMESERVER_URL/,
  ],
  [
    'the address of a web client',
    (proxy) => always(proxy, html(200, 'Element')),
    'no-homeserver',
    /no homeserver: 200, text\/html, "Element"\. .*Set HOMESERVER_URL/,
  ],
  [
    'the website of the domain',
    (proxy) => always(proxy, html(404, 'Not found')),
    'no-homeserver',
    /no homeserver: 404, text\/html, "Not found"/,
  ],
  [
    'a login page in front of it',
    // Tried again as seldom as it is by default: else the login budget would be what is told.
    (proxy) => ({ ...always(proxy, html(401, 'Sign in')), schedule: {} }),
    'access-denied',
    /refuses the request: 401, text\/html, "Sign in"/,
  ],
  [
    'a connection that is refused',
    async (proxy) => {
      await proxy.away();
      return {};
    },
    'connection-refused',
    /it refuses the connection \(ECONNREFUSED\)\. Nothing listens/,
  ],
  ['a name that does not resolve', () => failing('ENOTFOUND'), 'name-unresolved', /does not resolve/],
  ['a certificate that has expired', () => failing('CERT_HAS_EXPIRED'), 'certificate-expired', /has expired/],
  [
    'a certificate that is self-signed',
    async () => ({ homeserver: `https://127.0.0.1:${await listenOnLoopback(tls, 0)}` }),
    'certificate-self-signed',
    /certificate is self-signed.*NODE_EXTRA_CA_CERTS/,
  ],
  [
    'https to a port that speaks http',
    (proxy) => ({ homeserver: proxy.url.replace('http:', 'https:') }),
    'tls-on-plain-port',
    /its port speaks plain http/,
  ],
  ['.well-known that is forbidden', () => wellKnown(403, ''), 'well-known-unusable', /answered 403/],
  [
    '.well-known with a trailing comma',
    () => wellKnown(200, '{"m.homeserver":{},}'),
    'well-known-unusable',
    /a comma after its last entry/,
  ],
  [
    '.well-known without a base URL',
    () => wellKnown(200, '{"m.homeserver":{"base_url":null}}'),
    'well-known-unusable',
    /base_url: it is null/,
  ],
  [
    'a homeserver that is down',
    (proxy) => always(proxy, html(502, 'Bad Gateway')),
    'server-error',
    /has a problem: 502, text\/html, "Bad Gateway"/,
  ],
  [
    'a homeserver that limits',
    (proxy) => {
      const body = { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 600_000 };
      return always(proxy, { kind: 'answer', status: 429, body }, '/login');
    },
    'rate-limited',
    /login: 429 M_LIMIT_EXCEEDED, until \d\d:\d\d:\d\d/,
  ],
  [
    'a homeserver that does not answer',
    (proxy) => always(proxy, { kind: 'hang' }),
    'timeout',
    /the homeserver has not answered/,
  ],
  [
    'a login budget that is spent',
    (proxy) => ({
      ...always(proxy, { kind: 'answer', status: 500, body: {} }, '/login'),
      loginBudget: { burst: 1, perMs: 600_000 },
    }),
    'login-budget-spent',
    /the next login is tried at \d\d:\d\d:\d\d/,
  ],
];

interface Bot {
  readonly lines: readonly string[];
  readonly first: Promise<string>;
  readonly proxy: Proxy;
  readonly loginsTried: () => number;
}

describe('without any listener, a bot that cannot go on says why and what to do', () => {
  const bots = new Map<string, Bot>();
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: PASSWORD }] });
    for (const [name, make, code] of wrong) {
      const proxy = await startFaultProxy({ target: homeserver.url });
      const lines: string[] = [];
      const { promise: first, resolve } = Promise.withResolvers<string>();
      const print = (line: string) => {
        lines.push(line);
        if (line.startsWith(`matrix-auth-machine: ${code}: `)) resolve(line);
      };
      const auth = createMatrixAuth({
        homeserver: proxy.url,
        credentials: credentials({ username: 'bot', password: PASSWORD }),
        schedule: quick,
        logger: { warn: print, error: print },
        ...(await make(proxy)),
      });
      auth.start().catch(() => undefined);
      const loginsTried = () => proxy.count({ method: 'POST', path: '/login' });
      bots.set(name, { lines, first, proxy, loginsTried });
      ends.push(
        () => auth.stop().catch(() => undefined),
        () => proxy.stop(),
      );
    }
    ends.push(() => homeserver.stop());
  });
  afterAll(async () => {
    for (const end of ends) await end();
    tls.close();
  });

  it.each(wrong)('%s', { timeout: 30_000 }, async (name, _, code, says) => {
    const bot = bots.get(name) as Bot;
    const line = await bot.first;
    expect(line).toMatch(says);
    expect(line).toMatch(new RegExp(`[.] See docs/troubleshooting\\.md#${code}\\.$`));
    // However often it was tried: no flood.
    expect(new Set(bot.lines).size).toBe(bot.lines.length);
    expect(bot.lines.length).toBeLessThan(4);
    expect(bot.lines.join()).not.toContain(PASSWORD);
  });

  it('and no more than one login is spent on what is no homeserver', () => {
    for (const name of ['a redirect', 'the address of a web client', 'the website of the domain']) {
      expect(bots.get(name)?.proxy.count({ path: '/versions' })).toBeGreaterThan(1);
      expect(bots.get(name)?.loginsTried()).toBe(1);
    }
  });
});

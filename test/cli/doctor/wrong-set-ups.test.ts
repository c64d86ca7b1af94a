import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth, credentials } from '../../../src/index.ts';
import { type FaultProxy, startFaultProxy } from '../../../src/testing/index.ts';
import { makeCertificate } from '../../support/certificate.ts';
import type { RunningHomeserver } from '../../support/homeserver.ts';
import { Person } from '../../support/rest.ts';
import { startTestHomeserverForTests } from '../../support/test-homeserver.ts';
import { runCliProcess } from '../running.ts';
import { always, examined, placeIn, type SetUp, storeOf, withPassword, withToken } from './place.ts';

const everything = () => true;
const html = { body: '<!doctype html><title>Welcome</title>', headers: { 'content-type': 'text/html' } };
const KEY = Buffer.alloc(32, 7).toString('base64');

/** The command runs with a `fetch` that finds `https://example.test` at the proxy. */
function resolving(url: string): readonly string[] {
  const hook = `const real = globalThis.fetch; globalThis.fetch = (input, init) => real(String(input).replace('https://example.test', ${JSON.stringify(url)}), init);`;
  return ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
}

async function selfSigned(): Promise<string> {
  const server = createServer(makeCertificate(), (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const typed: readonly SetUp[] = [
  {
    name: 'a token with "Bearer" before it',
    given: async (place) => {
      const env = await withToken(place);
      return { env: { ...withPassword(place), ...env, ACCESS_TOKEN: `Bearer ${env.ACCESS_TOKEN}` } };
    },
    exitCode: 0,
    finds: [
      'note typed-oddly',
      'good server-answers',
      'good token-accepted',
      'good login-offered',
      'good login-follows',
      'note login-untried',
    ],
    says: [/ACCESS_TOKEN has the word "Bearer" before it/],
  },
  {
    name: 'quotation marks and a line end around everything',
    given: (place) => {
      const env = Object.entries(withPassword(place));
      return { env: Object.fromEntries(env.map(([name, value]) => [name, `"${value}"`])) };
    },
    exitCode: 0,
    finds: [
      'note typed-oddly',
      'note typed-oddly',
      'note typed-oddly',
      'good server-answers',
      'good login-offered',
      'note login-untried',
      'note login-each-start',
    ],
    says: [/HOMESERVER_URL has quotation marks/, /MATRIX_PASSWORD has quotation marks/],
  },
  {
    name: 'a refresh token in the place of the access token',
    given: async (place) => {
      const env = await withToken(place, { refreshToken: true });
      return { env: { HOMESERVER_URL: place.proxy.url, ACCESS_TOKEN: env.MATRIX_REFRESH_TOKEN } };
    },
    exitCode: 1,
    finds: [
      'attention token-of-another-kind',
      'good server-answers',
      'note token-refused',
      'attention renewal-impossible',
    ],
    says: [/is a refresh token of Synapse/],
  },
  {
    name: 'an OAuth 2.0 token, copied from Element',
    given: (place) => {
      const body = { user_id: place.user.userId, device_id: 'ELEMENT' };
      always(place, { path: '/whoami' }, { kind: 'answer', status: 200, body });
      return { env: { HOMESERVER_URL: place.proxy.url, ACCESS_TOKEN: 'mat_canary-at-of-element-0000000' } };
    },
    exitCode: 1,
    finds: ['good server-answers', 'good token-accepted', 'attention token-copied'],
    says: [/ends within minutes/],
  },
  {
    name: 'a session whose refresh token is spent by a lost answer',
    given: (place) => {
      const body = { user_id: place.user.userId, device_id: 'COMPATIBLE' };
      always(place, { path: '/whoami' }, { kind: 'answer', status: 200, body });
      const tokens = {
        ACCESS_TOKEN: 'mct_canary-at-of-the-older-api-00000',
        MATRIX_REFRESH_TOKEN: 'mcr_canary-rt-of-the-older-api-00000',
      };
      return { env: { ...withPassword(place), ...tokens } };
    },
    exitCode: 0,
    finds: [
      'good server-answers',
      'good token-accepted',
      'good login-offered',
      'note renewal-fragile',
      'good renewal-possible',
    ],
    says: [/where the answer to a refresh is lost/],
  },
  {
    name: 'half of what a login takes',
    given: ({ proxy, user }) => ({ env: { HOMESERVER_URL: proxy.url, MATRIX_USERNAME: user.localpart } }),
    exitCode: 1,
    finds: ['attention credentials-unusable', 'good server-answers'],
    says: [/MATRIX_PASSWORD is missing/, /^Next +the bot does not start/m],
  },
  {
    name: 'a file of a secret that is not there',
    given: ({ proxy, folder }) => ({
      env: { HOMESERVER_URL: proxy.url, ACCESS_TOKEN_FILE: join(folder, 'none') },
    }),
    exitCode: 1,
    finds: ['attention credentials-unusable', 'good server-answers'],
    says: [/The file that ACCESS_TOKEN_FILE names does not exist/],
  },
  {
    name: 'a file of a secret that everybody can read',
    given: (place) => {
      const file = join(place.folder, 'password');
      writeFileSync(file, place.user.password);
      chmodSync(file, 0o644);
      const { MATRIX_PASSWORD: _, ...env } = withPassword(place);
      return { env: { ...env, MATRIX_PASSWORD_FILE: file } };
    },
    exitCode: 0,
    finds: [
      'note secret-file-open',
      'good server-answers',
      'good login-offered',
      'note login-untried',
      'note login-each-start',
    ],
  },
  {
    name: 'a homeserver and nothing to sign in with',
    given: ({ proxy }) => ({ env: { HOMESERVER_URL: proxy.url } }),
    exitCode: 1,
    finds: ['good server-answers', 'attention credentials-missing'],
    says: [/matrix-auth-machine login http:\S+ --store bot\.db/],
  },
  {
    name: 'no homeserver',
    given: (place) => ({ env: { ...withPassword(place), HOMESERVER_URL: '' } }),
    exitCode: 1,
    finds: ['attention address-missing'],
    says: [/Set HOMESERVER_URL/],
  },
  {
    name: 'the id of a room as the homeserver',
    given: (place) => ({ env: { ...withPassword(place), HOMESERVER_URL: '#bots:example.org' } }),
    exitCode: 1,
    finds: ['attention address-unusable'],
  },
  {
    name: 'a check of certificates that was switched off, and a proxy that Node does not use',
    given: (place) => ({
      env: {
        ...withPassword(place),
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
        HTTP_PROXY: 'http://proxy.example.test:3128',
      },
    }),
    exitCode: 1,
    finds: [
      'attention certificates-unchecked',
      'note proxy-variables',
      'good server-answers',
      'good login-offered',
      'note login-untried',
      'note login-each-start',
    ],
    says: [/HTTP_PROXY is set, and Node does not use it by itself/],
  },
];

const answers: readonly SetUp[] = [
  {
    name: 'a website',
    given: (place) => {
      always(place, everything, { kind: 'answer', status: 200, ...html });
      return { env: withPassword(place) };
    },
    exitCode: 1,
    finds: ['attention no-homeserver'],
    says: [/200, text\/html, "Welcome"/],
  },
  {
    name: 'a redirect',
    given: (place) => {
      const headers = { location: 'https://elsewhere.example.test/_matrix/client/versions' };
      always(place, everything, { kind: 'answer', status: 301, headers });
      return { env: withPassword(place) };
    },
    exitCode: 1,
    finds: ['attention redirect'],
    says: [/to https:\/\/elsewhere\.example\.test,/],
  },
  {
    name: 'a gateway without a homeserver behind it',
    given: (place) => {
      always(place, everything, { kind: 'answer', status: 502, ...html });
      return { env: withPassword(place) };
    },
    exitCode: 2,
    finds: ['unknown server-error'],
  },
  {
    name: 'a port that nothing listens at',
    given: async (place) => {
      await place.proxy.away();
      return { env: withPassword(place) };
    },
    exitCode: 2,
    finds: ['unknown connection-refused'],
  },
  {
    name: 'https on a port that speaks http',
    given: (place) => ({
      env: { ...withPassword(place), HOMESERVER_URL: place.proxy.url.replace('http:', 'https:') },
    }),
    exitCode: 1,
    finds: ['attention tls-on-plain-port'],
  },
  {
    name: 'a self-signed certificate',
    given: async (place) => ({ env: { ...withPassword(place), HOMESERVER_URL: await selfSigned() } }),
    exitCode: 1,
    finds: ['attention certificate-self-signed'],
    says: [/NODE_EXTRA_CA_CERTS/],
  },
  {
    name: 'a server name, whose .well-known leads to the homeserver',
    given: (place) => {
      const body = { 'm.homeserver': { base_url: place.proxy.url } };
      always(place, { path: '/.well-known/matrix/client' }, { kind: 'answer', status: 200, body });
      return { args: ['example.test'], node: resolving(place.proxy.url) };
    },
    exitCode: 0,
    finds: ['good server-answers'],
    says: [/by the \.well-known of example\.test/],
  },
  {
    name: 'a server name, whose .well-known is a website',
    given: (place) => {
      always(place, everything, { kind: 'answer', status: 200, ...html });
      return { args: ['example.test'], node: resolving(place.proxy.url) };
    },
    exitCode: 1,
    finds: ['attention well-known-unusable'],
    says: [/NO HOMESERVER to sign in to/],
  },
  {
    name: 'a homeserver that signs in by OAuth 2.0 alone',
    given: (place) => {
      const absent = { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' } };
      const metadata = {
        issuer: 'https://account.example.test/',
        device_authorization_endpoint: 'https://account.example.test/device',
      };
      always(place, { method: 'GET', path: '/login' }, { kind: 'answer', ...absent });
      always(place, { path: '/v1/auth_metadata' }, { kind: 'answer', status: 200, body: metadata });
      return { env: withPassword(place) };
    },
    exitCode: 1,
    finds: ['good server-answers', 'attention login-not-offered'],
    says: [/offers +no login of the older kind; OAuth 2\.0 at https:\S+, also by a link and a code/],
  },
  {
    name: 'a proxy that strips the Authorization header',
    given: async (place) => {
      const body = { errcode: 'M_MISSING_TOKEN', error: 'Missing access token' };
      always(place, { path: '/whoami' }, { kind: 'answer', status: 401, body });
      return { args: ['--store', (await storeOf(place)).file], env: { HOMESERVER_URL: place.proxy.url } };
    },
    exitCode: 1,
    finds: ['good server-answers', 'attention authorization-stripped'],
  },
  {
    name: 'a homeserver whose clock is an hour behind',
    given: (place) => {
      const headers = { date: new Date(Date.now() - 3_600_000).toUTCString() };
      const body = { versions: ['v1.11'] };
      always(place, everything, { kind: 'answer', status: 200, headers, body });
      return { args: [place.proxy.url] };
    },
    exitCode: 0,
    finds: ['good server-answers', 'note login-flows-unknown', 'note clock-skew'],
    says: [/clock of this computer is (1 h|60 min|59 min \d+ s) ahead of the homeserver's/],
  },
  {
    name: 'an account with many devices',
    given: async (place) => {
      for (let count = 0; count < 20; count += 1) await Person.signIn(place.homeserver.url, place.user);
      return { args: [place.proxy.url, '--store', (await storeOf(place)).file] };
    },
    exitCode: 0,
    finds: ['good server-answers', 'good token-accepted', 'note devices-many', 'good renewal-possible'],
    says: [/has 21 devices/],
  },
];

const stores: readonly SetUp[] = [
  {
    name: 'a store that others can read',
    given: async (place) => {
      const { file } = await storeOf(place);
      chmodSync(file, 0o644);
      return { args: [place.proxy.url, '--store', file] };
    },
    exitCode: 1,
    finds: ['good server-answers', 'attention store-unusable'],
    says: [/mode 0644/, /chmod 600/, /does not start: its store cannot be used/],
  },
  {
    name: 'a store in a folder that everybody can write to',
    given: async (place) => {
      const { file } = await storeOf(place);
      chmodSync(place.folder, 0o777);
      return { args: [place.proxy.url, '--store', file] };
    },
    exitCode: 1,
    finds: ['good server-answers', 'attention store-unusable'],
    says: [/chmod o-w/],
  },
  {
    name: 'a store that is encrypted, without its key',
    given: async (place) => {
      const { file } = await storeOf(place, { key: KEY });
      return { args: [place.proxy.url, '--store', file] };
    },
    exitCode: 1,
    finds: ['good server-answers', 'attention store-unusable'],
    says: [/Encrypted with the key "2026"/],
  },
  {
    name: 'a store that is encrypted, with its key',
    given: async (place) => {
      place.secrets.push(KEY);
      const { file } = await storeOf(place, { key: KEY });
      const args = [place.proxy.url, '--store', file, '--key', '2026=env:SESSION_KEY'];
      return { args, env: { SESSION_KEY: KEY } };
    },
    exitCode: 0,
    finds: ['good server-answers', 'good token-accepted', 'good renewal-possible'],
  },
  {
    name: 'a store that is not there yet, and a password',
    given: (place) => ({ args: ['--store', join(place.folder, 'new.db')], env: withPassword(place) }),
    exitCode: 0,
    finds: ['good server-answers', 'note store-missing', 'good login-offered', 'note login-untried'],
  },
  {
    name: 'a store that is not there yet, and nothing to sign in with',
    given: ({ proxy, folder }) => ({ args: [proxy.url, '--store', join(folder, 'new.db')] }),
    exitCode: 1,
    finds: ['good server-answers', 'note store-missing', 'attention credentials-missing'],
    says: [/--store \S+new\.db\. Or set/],
  },
  {
    name: 'a store in a folder that is not there',
    given: ({ proxy, folder }) => ({ args: [proxy.url, '--store', join(folder, 'none', 'bot.db')] }),
    exitCode: 1,
    finds: ['good server-answers', 'attention store-unusable'],
    says: [/mkdir -p/],
  },
  {
    name: 'a store that is another file',
    given: ({ proxy, folder }) => {
      const file = join(folder, 'letter.txt');
      writeFileSync(file, 'Dear operator,\n'.repeat(100), { mode: 0o600 });
      return { args: [proxy.url, '--store', file] };
    },
    exitCode: 1,
    finds: ['good server-answers', 'attention store-unusable'],
    says: [/is no SQLite database/],
  },
  {
    name: 'a session of another name',
    given: async (place) => ({
      args: ['--store', (await storeOf(place)).file, '--session', 'echo'],
      env: withPassword(place),
    }),
    exitCode: 0,
    finds: ['good server-answers', 'note store-empty', 'good login-offered', 'note login-untried'],
    says: [/There are: "default" \(--session <name>\)/],
  },
  {
    name: 'a device that is not the stored session’s',
    given: async (place) => ({
      args: ['--store', (await storeOf(place)).file],
      env: { ...withPassword(place), MATRIX_DEVICE_ID: 'OTHER' },
    }),
    exitCode: 0,
    finds: [
      'good server-answers',
      'good token-accepted',
      'note device-mismatch',
      'good login-offered',
      'good renewal-possible',
    ],
  },
];

let homeserver: RunningHomeserver;
let proxy: FaultProxy;
beforeAll(async () => {
  homeserver = await startTestHomeserverForTests({ accessTokenLifetimeMs: 300_000 });
});
afterAll(() => homeserver.stop());
beforeEach(async () => {
  const made = await startFaultProxy({ target: homeserver.url });
  proxy = made;
  return () => made.stop();
});
const place = () => placeIn({ homeserver: () => homeserver, proxy: () => proxy });

test.each([...typed, ...answers, ...stores])('doctor knows $name', async (setUp) => {
  await examined(await place(), setUp);
});

test('nothing to look at is a command line that cannot be carried out', async () => {
  const env = { HOMESERVER_URL: '', ACCESS_TOKEN: '', MATRIX_USERNAME: '', MATRIX_PASSWORD: '' };
  for (const [args, words] of [
    [[], 'there is nothing to look at'],
    [['--session', 'echo'], '--session is for a store'],
    [['@bot:example.org'], 'is the id of a user'],
    [['--store', ''], '--store names nothing'],
    [['--store', 'mysql://127.0.0.1/x'], 'the URL of --store has to be of the form postgresql://'],
    [['--store', 'postgres'], 'DATABASE_URL, which is not set'],
  ] as const) {
    const { code, stdout, stderr } = await runCliProcess(['doctor', ...args], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
  }
});

test('a refresh token of the environment is not spent, not even with --try', async () => {
  const here = await place();
  const env = await withToken(here, { refreshToken: true });
  const { code, stdout } = await runCliProcess(['doctor', '--try'], { env });
  expect(stdout).toContain('its successor would be lost');
  expect(code).toBe(1);
  expect(here.proxy.count({ method: 'POST' })).toBe(0);
});

test('no login is tried where the login budget is spent, not even with --try', async () => {
  const here = await place();
  const file = join(here.folder, 'bot.db');
  const { HOMESERVER_URL: url = '', ...env } = withPassword(here);
  const sessions = sqliteSessions(file);
  for (let login = 0; login < 5; login += 1) {
    const wrong = credentials({ username: here.user.localpart, password: 'canary-pw-of-nobody' });
    const auth = createMatrixAuth({ homeserver: url, credentials: wrong, sessions, logger: false });
    await expect(auth.start()).rejects.toThrow('login-refused');
    await auth.stop();
  }
  await sessions.close();
  here.proxy.clear();
  const args = ['doctor', url, '--store', file, '--try'];
  const { code, stdout } = await runCliProcess(args, { env });
  expect(stdout).toMatch(/The login budget is spent: the next login is tried in \d/);
  expect(stdout).toMatch(/a login may be tried, in \d/);
  expect(code).toBe(0);
  expect(here.proxy.count({ method: 'POST' })).toBe(0);
});

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { oauth } from '../../../src/adapters/sign-in/oauth/index.ts';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth } from '../../../src/index.ts';
import {
  type FaultProxy,
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserver,
} from '../../../src/testing/index.ts';
import { faceOf } from '../../support/test-homeserver.ts';
import { runCliProcess } from '../running.ts';
import { examined, expectNoSecret, type Place, placeIn, type SetUp, storeOf, withPassword } from './place.ts';

let homeserver: TestHomeserver;
let proxy: FaultProxy;
let place: Place;

async function setUpPlace(options: Parameters<typeof startTestHomeserver>[0] = {}): Promise<void> {
  homeserver = await startTestHomeserver({
    accessTokenLifetimeMs: 300_000,
    oauth: { pollIntervalMs: 50 },
    ...options,
  });
  onTestFinished(() => homeserver.stop());
  proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(() => proxy.stop());
  place = await placeIn({ homeserver: () => faceOf(homeserver), proxy: () => proxy });
}

/** A store in which somebody has signed a bot in by OAuth 2.0. */
async function signedIn(): Promise<{ readonly file: string; readonly deviceId: string }> {
  const file = join(place.folder, 'bot.db');
  const sessions = sqliteSessions(file);
  const auth = createMatrixAuth({
    homeserver: homeserver.url,
    credentials: oauth(),
    sessions,
    logger: false,
  });
  auth.on('authorization', ({ code }) => homeserver.oauth.approve(place.user.userId, code));
  await auth.start();
  const stored = (await sessions.read('default', 'session'))?.session;
  place.secrets.push(stored?.accessToken.reveal() ?? '', stored?.refreshToken?.reveal() ?? '');
  await auth.stop();
  await sessions.close();
  return { file, deviceId: stored?.deviceId ?? '' };
}

/** The folder of a bot, with these packages. */
function botFolder(...packages: readonly string[]): string {
  const folder = join(place.folder, 'bot');
  for (const name of packages) mkdirSync(join(folder, 'node_modules', name), { recursive: true });
  return folder;
}

const noPackage = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`import { registerHooks } from 'node:module'; registerHooks({ resolve(name, context, next) { if (name === 'oauth4webapi') throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); } });`)}`,
];

const setUps: readonly (SetUp & {
  readonly oauth?: { readonly compatibility: boolean; readonly deviceGrant?: boolean };
})[] = [
  {
    name: 'a stored session',
    given: async () => ({ args: [proxy.url, '--store', (await signedIn()).file] }),
    exitCode: 0,
    finds: ['good server-answers', 'good token-accepted', 'good renewal-possible'],
    says: [
      /an OAuth 2\.0 access token of \S+; renewed by OAuth 2\.0\n/,
      /^Next +the bot refreshes, in 3 min/m,
    ],
  },
  {
    name: 'a stored session, in the folder of a bot that has what it takes',
    given: async () => ({
      args: [proxy.url, '--store', (await signedIn()).file],
      cwd: botFolder('matrix-auth-machine', 'oauth4webapi'),
      node: noPackage,
    }),
    exitCode: 0,
    finds: ['good server-answers', 'good token-accepted', 'good renewal-possible'],
  },
  {
    name: 'a stored session, in the folder of a bot that lacks the package',
    given: async () => ({
      args: [proxy.url, '--store', (await signedIn()).file],
      cwd: botFolder('matrix-auth-machine'),
    }),
    exitCode: 1,
    finds: ['good server-answers', 'good token-accepted', 'attention package-missing'],
    says: [/^Next +the token ends, and the bot cannot renew it, in/m, /npm install oauth4webapi/],
  },
  {
    name: 'a stored session, by a command that lacks the package',
    given: async () => ({ args: [proxy.url, '--store', (await signedIn()).file], node: noPackage }),
    exitCode: 0,
    finds: ['good server-answers', 'good token-accepted', 'note package-missing', 'good renewal-possible'],
    says: [/run this in the bot’s folder/],
  },
  {
    name: 'a stored session that was ended in the account management',
    given: async () => {
      const { file, deviceId } = await signedIn();
      homeserver.deleteDevice(place.user.userId, deviceId);
      return { args: [proxy.url, '--store', file] };
    },
    exitCode: 1,
    finds: ['good server-answers', 'note token-refused', 'attention renewal-untried'],
    says: [/Try it with --try\. If it is refused: Sign in once: npx matrix-auth-machine login/],
  },
  {
    name: 'a stored session while the homeserver cannot ask about tokens',
    given: async () => {
      const { file } = await signedIn();
      homeserver.oauth.introspectionDown = true;
      return { args: [proxy.url, '--store', file] };
    },
    exitCode: 2,
    finds: ['good server-answers', 'unknown server-error'],
  },
  {
    name: 'a password, where there are no passwords',
    oauth: { compatibility: false },
    given: () => ({ env: withPassword(place) }),
    exitCode: 1,
    finds: ['good server-answers', 'attention login-not-offered'],
    says: [
      /offers no login with user name and password .* so MATRIX_PASSWORD is of no use\. It signs in by OAuth 2\.0/,
      /^To do +Sign in once: npx matrix-auth-machine login http:\S+ --with device --store bot\.db, and give the bot that store\.$/m,
    ],
  },
  {
    name: 'a password, where there are no passwords, by a command that lacks the package',
    oauth: { compatibility: false },
    given: () => ({ env: withPassword(place), node: noPackage }),
    exitCode: 1,
    finds: ['good server-answers', 'attention login-not-offered'],
    says: [/npx -p matrix-auth-machine -p oauth4webapi matrix-auth-machine login \S+ --with device/],
  },
  {
    name: 'nothing to sign in with, where a browser is needed',
    oauth: { compatibility: false, deviceGrant: false },
    given: () => ({ env: { HOMESERVER_URL: proxy.url } }),
    exitCode: 1,
    finds: ['good server-answers', 'attention credentials-missing'],
    says: [/login http:\S+ --with browser --store bot\.db/],
  },
  {
    name: 'a password, where passwords are taken as well',
    given: () => ({ env: withPassword(place) }),
    exitCode: 0,
    finds: ['good server-answers', 'good login-offered', 'note login-untried', 'note login-each-start'],
    says: [/offers +m\.login\.password.*; OAuth 2\.0 at http:\S+, also by a link and a code/],
  },
  {
    name: 'a stored session of a login with a password',
    given: async () => ({ args: [proxy.url, '--store', (await storeOf(place)).file] }),
    exitCode: 0,
    finds: ['good server-answers', 'good token-accepted', 'note renewal-fragile', 'good renewal-possible'],
    says: [/for the older login API/],
  },
  {
    name: 'the tokens of a client that somebody has copied, the refresh token, too',
    given: async () => {
      await signedIn();
      const [, ACCESS_TOKEN = '', MATRIX_REFRESH_TOKEN = ''] = place.secrets;
      return { env: { HOMESERVER_URL: proxy.url, ACCESS_TOKEN, MATRIX_REFRESH_TOKEN } };
    },
    exitCode: 1,
    finds: ['good server-answers', 'good token-accepted', 'attention token-copied'],
    says: [
      /Its refresh token is of no use to the bot/,
      /^Next +the token ends within minutes, and the bot is signed out/m,
    ],
  },
  {
    name: 'an account that is locked',
    given: async () => {
      const { file } = await signedIn();
      homeserver.setLocked(place.user.userId, true);
      return { args: [proxy.url, '--store', file] };
    },
    exitCode: 1,
    finds: ['good server-answers', 'note token-refused', 'attention renewal-untried'],
  },
];

test.each(setUps)('doctor, behind an OAuth 2.0 server: $name', async (setUp) => {
  await setUpPlace({ oauth: { pollIntervalMs: 50, ...setUp.oauth } });
  await examined(place, setUp);
});

test('a session of OAuth 2.0 that has run out is renewed with --try, and not without the package', async () => {
  await setUpPlace({ accessTokenLifetimeMs: 1_000 });
  const { file } = await signedIn();
  const args = ['doctor', proxy.url, '--store', file];
  await expect.poll(async () => (await runCliProcess(args)).code, { timeout: 20_000 }).toBe(2);
  const untried = await runCliProcess([...args, '--try'], { node: noPackage });
  expect(untried.stdout).toContain(
    'A renewal was not tried, since this command lacks the package oauth4webapi',
  );
  const tried = await runCliProcess([...args, '--try']);
  expect(tried.stdout).toContain('A renewal was tried, and went well');
  expectNoSecret(place, untried.stdout + tried.stdout + untried.stderr + tried.stderr);
  for (const { stdout } of [untried, tried]) expect(stdout).not.toMatch(/\bm[ac][tr]_/);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { FaultProxy, TestHomeserver } from '../../src/testing/index.ts';
import { root } from '../../tools/root.ts';
import { type CliOptions, runCliProcess } from '../cli/running.ts';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { onSources } from '../support/on-sources.ts';
import { signInElsewhere } from '../support/other-device.ts';
import { Person } from '../support/rest.ts';
import { textsIn } from '../support/room-texts.ts';
import { talk } from '../support/talk.ts';
import { answers, homeserverFor, noticesIn, patience, type Running, runBot } from './running-bot.ts';

interface RunOptions {
  /** The variables that the author has set. */
  readonly env: readonly Variable[];
  readonly args?: readonly string[];
  /** Packages in the place of others. */
  readonly others?: Readonly<Record<string, string>>;
}

type Variable = 'ACCESS_TOKEN' | 'MATRIX_USER_ID' | 'MATRIX_USERNAME' | 'MATRIX_PASSWORD';

interface Place {
  readonly homeserver: TestHomeserver;
  readonly proxy: FaultProxy;
  readonly folder: string;
  readonly room: string;
  readonly password: string;
  readonly carol: Awaited<ReturnType<typeof Person.signIn>>;
  readonly tokens: Awaited<ReturnType<typeof Person.signIn>>['tokens'];
  /** Runs an example of the docs, as it is. */
  run(name: string, options: RunOptions): Running;
  /** Resolves when the bot has answered this, and so many times in all. */
  answered(text: string, count: number): Promise<void>;
  /** What the bot has answered. */
  notices(): Promise<string[]>;
}

/** A room with Carol and the bot, which has a token from an earlier login. */
async function placeFor(refreshToken: boolean): Promise<Place> {
  const { homeserver, proxy, password, carol } = await homeserverFor({ accessTokenLifetimeMs: 3_000 });
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-migrating-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const user = { localpart: 'bot', password };
  const bot = await Person.signIn(homeserver.url, user, { refreshToken, deviceId: 'OLDDEVICE' });
  const room = await carol.createRoom(['@bot:localhost']);
  await bot.join(room);
  const { tokens } = bot;
  const values: Readonly<Record<Variable, string>> = {
    ACCESS_TOKEN: tokens.access_token,
    MATRIX_USER_ID: '@bot:localhost',
    MATRIX_USERNAME: 'bot',
    MATRIX_PASSWORD: password,
  };
  const { ACCESS_TOKEN: _, ...inherited } = process.env;
  return {
    ...{ homeserver, proxy, folder, room, carol, password, tokens },
    run: (name, { env, args = [], others = {} }) =>
      runBot({
        file: process.execPath,
        args: [...onSources(others), join(root, 'docs/examples', `${name}.mjs`), ...args],
        cwd: folder,
        env: {
          ...inherited,
          HOMESERVER_URL: proxy.url,
          ...Object.fromEntries(env.map((variable) => [variable, values[variable]])),
        },
      }),
    async answered(text, count) {
      await carol.say(room, text);
      await answers(proxy, count);
    },
    notices: () => noticesIn(proxy.url, room, carol.tokens.access_token),
  };
}

/** What the guides tell an author to run. */
async function login(
  { proxy, folder }: Place,
  options: CliOptions,
  ...more: readonly string[]
): Promise<void> {
  const ran = await runCliProcess(['login', proxy.url, ...more], { cwd: folder, ...options });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
}

const withPassword = (place: Place) =>
  login(place, { input: place.password }, '--user', 'bot', '--password-stdin');

/** Resolves when so many requests were refused for their token. */
const refused = ({ proxy }: Place, count = 1) =>
  proxy.waitFor(({ status }) => status === 401, { ...patience, count });

/** Resolves when the token was renewed so often. */
const renewed = ({ proxy }: Place, count: number) =>
  proxy.waitFor({ path: '/refresh' }, { ...patience, count });

const stopped = async ({ child, ended }: Running) => {
  child.kill('SIGTERM');
  await ended;
};

const synced = ({ proxy }: Place, count = 1) =>
  proxy.waitFor(({ path, status }) => path.endsWith('/sync') && status === 200, { ...patience, count });

test('from an access token: the bot ends with it; with a session of its own it goes on', async () => {
  const place = await placeFor(false);
  const before = place.run('from-access-token-before', { env: ['ACCESS_TOKEN', 'MATRIX_USER_ID'] });
  await synced(place);
  await place.answered('one', 1);
  place.homeserver.expireTokens('@bot:localhost');
  await place.carol.say(place.room, 'two');
  await refused(place);
  await stopped(before);

  place.proxy.clear();
  await withPassword(place);
  const after = place.run('from-access-token-after', { env: [] });
  await after.says(/signed in as @bot:localhost/);
  await renewed(place, 2);
  await place.answered('three', 1);
  await stopped(after);
  expect(await place.notices()).toEqual(['You said: one', 'You said: three']);
  expect(place.proxy.count({ method: 'POST', path: '/login' })).toBe(1);
});

test('from tokenRefreshFunction: 43 does not call it; the same session lives on in a store', async () => {
  const place = await placeFor(true);
  const { proxy, folder, homeserver, tokens } = place;
  const file = join(folder, 'tokens.json');
  writeFileSync(file, JSON.stringify(tokens));
  const name = 'from-token-refresh-function-before';
  const on42 = place.run(name, { env: [], others: { 'matrix-js-sdk': 'matrix-js-sdk-42' } });
  await synced(place);
  await place.answered('one', 1);
  homeserver.expireTokens('@bot:localhost');
  await place.answered('two', 2);
  await stopped(on42);
  expect(proxy.count({ path: '/refresh' })).toBeGreaterThan(0);

  homeserver.expireTokens('@bot:localhost');
  proxy.clear();
  const on43 = place.run(name, { env: [] });
  await refused(place);
  await stopped(on43);
  expect(proxy.count({ path: '/refresh' })).toBe(0);

  const kept = JSON.parse(readFileSync(file, 'utf8')) as typeof tokens;
  const env = { ACCESS_TOKEN: kept.access_token, MATRIX_REFRESH_TOKEN: kept.refresh_token ?? '' };
  await login(place, { env }, '--with', 'token');
  const after = place.run('from-access-token-after', { env: [] });
  await after.says(/signed in as @bot:localhost on device OLDDEVICE/);
  await renewed(place, 3);
  await place.answered('three', 1);
  await stopped(after);
  expect(await place.notices()).toEqual(['You said: one', 'You said: two', 'You said: three']);
  expect(proxy.count({ method: 'POST', path: '/login' })).toBe(0);
  expect(homeserver.devices('@bot:localhost')).toEqual(['OLDDEVICE']);
});

test('from matrix-bot-sdk: the bot goes on where it stopped', async () => {
  const place = await placeFor(false);
  const before = place.run('from-bot-sdk-before', { env: ['ACCESS_TOKEN'] });
  await synced(place);
  await place.answered('one', 1);
  place.homeserver.expireTokens('@bot:localhost');
  await place.carol.say(place.room, 'in vain');
  await refused(place);
  await stopped(before);
  await place.carol.say(place.room, 'two');

  place.proxy.clear();
  await withPassword(place);
  const after = place.run('from-bot-sdk-after', { env: [] });
  await renewed(place, 2);
  await place.carol.say(place.room, 'three');
  // Whether the old bot has had what was said while its token was dead depends on when it asked last.
  const notices = async () => (await place.notices()).filter((notice) => !notice.endsWith('in vain'));
  const all = ['You said: one', 'You said: two', 'You said: three'];
  await expect.poll(notices, { timeout: patience.timeoutMs }).toEqual(all);
  await stopped(after);
});

test('from a message queue: it says twice what was lost on its way back; auth.send() loses and repeats nothing', async () => {
  const place = await placeFor(false);
  const { homeserver, proxy, folder, room, carol } = place;
  const before = place.run('from-message-queue-before', { env: ['ACCESS_TOKEN'] });
  await synced(place);
  const isSend = ({ method, path }: { readonly method: string; readonly path: string }) =>
    method === 'PUT' && path.includes('/send/');
  proxy.inject({ match: isSend, fault: { kind: 'lose-response' } });
  await place.answered('one', 1);
  const notices = () => place.notices();
  await expect.poll(notices, { timeout: patience.timeoutMs }).toEqual(['You said: one', 'You said: one']);
  await stopped(before);

  proxy.clear();
  await withPassword(place);
  const after = place.run('from-message-queue-after', { env: [] });
  await after.says(/signed in as @bot:localhost/);
  const sessions = sqliteSessions(join(folder, 'bot.db'));
  onTestFinished(() => sessions.close());
  let replacements = 0;
  // Twice over the bot is signed in on another device, in the midst of what is said.
  const replacing = (async () => {
    for (const deviceId of ['OTHER', 'ANOTHER']) {
      await renewed(place, replacements + 1);
      const user = { localpart: 'bot', password: place.password };
      await signInElsewhere(homeserver.url, user, sessions, deviceId);
      replacements += 1;
    }
  })();
  proxy.inject({ match: isSend, times: 3, fault: { kind: 'lose-response' } });
  const said = await talk(carol, [room], 150, () => replacements < 2);
  await replacing;
  const all = (said.get(room) ?? []).map((text) => `You said: ${text}`);
  const answers = () => textsIn(homeserver.url, room, carol, '@bot:localhost');
  await expect.poll(answers, { timeout: patience.timeoutMs }).toContain(all.at(-1));
  expect((await answers()).slice(2)).toEqual(all);
  await stopped(after);
});

test('from a TokenManager: an error that is no token error costs it a login and a device each time', async () => {
  const place = await placeFor(false);
  const { proxy, homeserver, room, carol } = place;
  const elsewhere = await carol.createRoom();
  const options = { env: ['MATRIX_USERNAME', 'MATRIX_PASSWORD'], args: [room, elsewhere] } as const;
  const logins = { method: 'POST', path: '/login' };
  const sent = (count: number) =>
    proxy.waitFor(({ path, status }) => path.includes(encodeURIComponent(room)) && status === 200, {
      ...patience,
      count,
    });
  const before = place.run('from-token-manager-before', options);
  await proxy.waitFor(logins, { ...patience, count: 6 });
  await sent(2);
  await stopped(before);
  expect(homeserver.devices('@bot:localhost').length).toBeGreaterThan(5);

  proxy.clear();
  const devices = homeserver.devices('@bot:localhost').length;
  const after = place.run('from-token-manager-after', options);
  await renewed(place, 3);
  await sent(5);
  await stopped(after);
  expect(proxy.count(logins)).toBe(1);
  expect(homeserver.devices('@bot:localhost')).toHaveLength(devices + 1);
});

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import type { Report } from '../../../src/cli/doctor/report.ts';
import { createMatrixAuth, credentials } from '../../../src/index.ts';
import type { Fault, FaultProxy, RequestMatch } from '../../../src/testing/index.ts';
import { type BothContext, freshUser } from '../../support/both.ts';
import type { RunningHomeserver } from '../../support/homeserver.ts';
import { Person } from '../../support/rest.ts';
import { runCliProcess } from '../running.ts';

/** A homeserver behind a proxy, with an account of this test alone; and a folder. */
export interface Place {
  readonly homeserver: RunningHomeserver;
  readonly proxy: FaultProxy;
  readonly user: { readonly userId: string; readonly localpart: string; readonly password: string };
  readonly folder: string;
  /** What must not be printed. */
  readonly secrets: string[];
}

/** What is looked at: what the command is given besides `doctor`, and its environment. */
export interface Given {
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly node?: readonly string[];
  readonly cwd?: string;
}

/** A set-up, and what has to be found in it. */
export interface SetUp {
  readonly name: string;
  readonly given: (place: Place) => Promise<Given> | Given;
  readonly exitCode: 0 | 1 | 2;
  /** `level code` of each finding, in their order. */
  readonly finds: readonly string[];
  /** What the text for people says, wherever. */
  readonly says?: readonly RegExp[];
}

export async function placeIn({ homeserver, proxy }: Pick<BothContext, 'homeserver' | 'proxy'>) {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const user = await freshUser(homeserver());
  const place: Place = {
    homeserver: homeserver(),
    proxy: proxy(),
    user,
    folder,
    secrets: [user.password],
  };
  return place;
}

/** Runs the command twice, for people and as JSON, and holds both against what was expected. */
export async function examined(place: Place, { given, exitCode, finds, says = [] }: SetUp): Promise<Report> {
  const { args = [], ...options } = await given(place);
  const spent = () => place.proxy.count({ method: 'POST' });
  const before = spent();
  const [json, text] = await Promise.all([
    runCliProcess(['doctor', ...args, '--json'], options),
    runCliProcess(['doctor', ...args], options),
  ]);
  expect(text.stderr).toBe('');
  for (const pattern of says) expect(text.stdout).toMatch(pattern);
  const report = JSON.parse(json.stdout) as Report;
  expect(report.findings.map(({ level, code }) => `${level} ${code}`)).toEqual(finds);
  expect({ json: json.code, text: text.code }).toEqual({ json: exitCode, text: exitCode });
  expectNoSecret(place, json.stdout + json.stderr + text.stdout);
  expect(spent() - before, 'nothing was spent').toBe(0);
  return report;
}

export function expectNoSecret({ secrets }: Place, printed: string): void {
  for (const secret of secrets) expect(printed).not.toContain(secret);
}

/** The environment of a bot with its password. */
export function withPassword({ proxy, user }: Place): Record<string, string> {
  return { HOMESERVER_URL: proxy.url, MATRIX_USERNAME: user.localpart, MATRIX_PASSWORD: user.password };
}

/** The environment of a bot with a token of a login of its own. */
export async function withToken(
  place: Place,
  options: { readonly refreshToken?: boolean } = {},
): Promise<{ HOMESERVER_URL: string; ACCESS_TOKEN: string; MATRIX_REFRESH_TOKEN: string }> {
  const { homeserver, proxy, user, secrets } = place;
  const { access_token: access, refresh_token: refresh = '' } = (
    await Person.signIn(homeserver.url, user, options)
  ).tokens;
  secrets.push(access, ...(refresh === '' ? [] : [refresh]));
  return { HOMESERVER_URL: proxy.url, ACCESS_TOKEN: access, MATRIX_REFRESH_TOKEN: refresh };
}

/** A store in which a bot has left its session. */
export async function storeOf(
  place: Place,
  { refreshTokens = true, key }: { readonly refreshTokens?: boolean; readonly key?: string } = {},
): Promise<{ readonly file: string; readonly deviceId: string }> {
  const { homeserver, user, folder, secrets } = place;
  const file = join(folder, `${randomBytes(4).toString('hex')}.db`);
  const sessions = sqliteSessions(file, key === undefined ? {} : { keys: [{ id: '2026', key }] });
  const auth = createMatrixAuth({
    homeserver: homeserver.url,
    credentials: credentials({ username: user.localpart, password: user.password }),
    sessions,
    refreshTokens,
    logger: false,
  });
  await auth.start();
  secrets.push(await auth.accessToken());
  const { deviceId = '' } = auth.snapshot();
  await auth.stop();
  await sessions.close();
  return { file, deviceId };
}

/** These requests meet this fault, for as long as the test goes on. */
export function always({ proxy }: Place, match: RequestMatch, fault: Fault): void {
  proxy.inject({ match, times: Number.POSITIVE_INFINITY, fault });
}

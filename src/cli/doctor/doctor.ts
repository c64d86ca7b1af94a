import { listDevices } from '../../adapters/homeserver/index.ts';
import { type StoreOptions, storeAddressOf } from '../source/store-option.ts';
import { environmentFindings } from './environment.ts';
import type { Finding } from './finding.ts';
import { identityFindings, userServerFindings } from './identity.ts';
import { mustWait } from './outlook-findings.ts';
import { outlookOf } from './outlook.ts';
import { exitCodes, type Report, verdictOf } from './report.ts';
import { reportText } from './report-text.ts';
import { clockFindings, lookAtServer, type SeenServer } from './server.ts';
import { type Environment, readSetUp, type SetUp } from './set-up.ts';
import { lookAtStore, type SeenStore } from './store.ts';
import { givenToken, type SeenToken, storedToken, tokenFindings } from './tokens.ts';
import { commandFor, isOAuthInstalled } from '../session/oauth-package.ts';
import { HomeserverClock } from './clock.ts';

export interface DoctorOptions extends StoreOptions {
  readonly try?: true;
  readonly json?: true;
}

/**
 * Looks at a set-up and prints what becomes of it. Returns the exit code.
 * @throws {UsageError} if there is nothing to look at
 */
export async function printDoctor(server: string | undefined, options: DoctorOptions): Promise<number> {
  const env = process.env;
  const setUp = readSetUp(server, storeAddressOf(options), env);
  const report = await examine(setUp, env, options.try === true);
  const text =
    options.json === true
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : reportText(report, setUp.serverOnly);
  process.stdout.write(text);
  return exitCodes[report.verdict];
}

async function examine(setUp: SetUp, env: Environment, isToTry: boolean): Promise<Report> {
  const { fetch } = globalThis;
  const server = await serverOf(setUp, env);
  let store = setUp.store && (await lookAtStore(setUp.store));
  const url = server.answers ? server.url : undefined;
  const asking = server.clock.watching(fetch);
  let stored = store && (await storedToken(store, url, asking));
  if (setUp.store !== undefined && stored?.state === 'dead') {
    // A bot that runs may have renewed it in between.
    const again = await lookAtStore(setUp.store);
    if (again.stored?.generation !== stored.generation) {
      store = again;
      stored = await storedToken(again, url, asking);
    }
  }
  const given = await givenToken(setUp, url, asking);
  const tried = isToTry ? await tryOut(setUp, url, store, stored ?? given) : [];
  if (tried.some(({ code }) => code === 'renewal-tried') && setUp.store !== undefined) {
    store = await lookAtStore(setUp.store);
    stored = await storedToken(store, url, asking);
  }
  const now = Date.now();
  const session = stored ?? given;
  const token = session === undefined ? undefined : secretOf(setUp, store, session);
  const known = [
    ...setUp.findings,
    ...environmentFindings(env, setUp),
    ...server.findings,
    ...(store?.findings ?? []),
    ...[stored, given].flatMap((one) => (one === undefined ? [] : tokenFindings(one, now))),
    ...identityFindings(setUp, stored, given),
    ...(session?.state === 'accepted' ? [] : await userServerFindings(setUp, server, fetch)),
    ...(session?.state === 'accepted' && url !== undefined && token !== undefined
      ? await deviceFindings(url, token, fetch)
      : []),
    ...clockFindings(server),
  ];
  const outlook = setUp.serverOnly
    ? { findings: [], next: [] }
    : outlookOf({ setUp, server, store, stored, given, now }, known);
  const findings = [
    ...known,
    ...outlook.findings.filter(({ code }) => tried.length === 0 || !code.endsWith('-untried')),
    ...tried,
  ];
  return {
    now,
    verdict: verdictOf(findings),
    homeserver: homeserverOf(server),
    ...(session === undefined ? {} : { session: shown(session) }),
    findings,
    next: outlook.next,
    toDo: [...new Set(findings.flatMap(({ toDo }) => toDo ?? []))],
  };
}

function secretOf({ credentials }: SetUp, store: SeenStore | undefined, { from }: SeenToken) {
  return from === 'store' ? store?.session?.accessToken : credentials.accessToken;
}

async function serverOf({ address, findings }: SetUp, env: Environment): Promise<SeenServer> {
  if (address !== undefined) return lookAtServer(address, globalThis.fetch, env);
  const missing: Finding = {
    level: 'attention',
    code: 'address-missing',
    says: 'No homeserver is named.',
    toDo: 'Set HOMESERVER_URL to its base URL, such as https://matrix.example.org, or to its server name; or name it on the command line.',
  };
  const isSaid = findings.some(({ code }) => code === 'address-unusable');
  return { url: undefined, answers: false, clock: new HomeserverClock(), findings: isSaid ? [] : [missing] };
}

/** Spends what was allowed to be spent: one renewal of a stored session, or one login. */
async function tryOut(
  { store: address, credentials: { login } }: SetUp,
  url: string | undefined,
  store: SeenStore | undefined,
  token: SeenToken | undefined,
): Promise<Finding[]> {
  if (url === undefined) return [];
  const { tryLogin, tryRenewal } = await import('./try.ts');
  if (token?.kind === 'oauth' && !isOAuthInstalled()) {
    const says = `A renewal was not tried, since this command lacks the package oauth4webapi. Run: ${commandFor(true)} doctor …`;
    return [{ level: 'note', code: 'renewal-untried', says }];
  }
  const canRenew = token?.refreshable === true && (token.state === 'accepted' || token.state === 'dead');
  if (canRenew && token.from === 'store' && address !== undefined) {
    return [await tryRenewal(url, address, token.generation, globalThis.fetch)];
  }
  if (login !== undefined && mustWait(store).length === 0)
    return [await tryLogin(url, login, globalThis.fetch)];
  if (!canRenew) return [];
  const says =
    'The refresh token of the environment was not tried: it may be good for one use, and its successor would be lost.';
  return [{ level: 'note', code: 'renewal-untried', says }];
}

/** More than a bot and its people have, and enough to slow down everybody who shares an encrypted room with it. */
const MANY_DEVICES = 20;

async function deviceFindings(
  url: string,
  token: NonNullable<ReturnType<typeof secretOf>>,
  fetch: typeof globalThis.fetch,
): Promise<Finding[]> {
  const answer = await listDevices({ url, fetch, timeoutMs: 10_000 }, token);
  if (!answer.ok || answer.value.length <= MANY_DEVICES) return [];
  return [
    {
      level: 'note',
      code: 'devices-many',
      says: `The account has ${answer.value.length} devices. Logins without a device id leave one behind each time; the command devices shows them by age.`,
    },
  ];
}

function homeserverOf({ url, name, versions, loginFlows, oauth, clock }: SeenServer): Report['homeserver'] {
  const { aheadMs } = clock;
  return {
    ...(url === undefined ? {} : { url }),
    ...(name === undefined ? {} : { name }),
    ...(versions === undefined ? {} : { versions }),
    ...(loginFlows === undefined ? {} : { loginFlows }),
    ...(oauth === undefined ? {} : { oauth: { issuer: oauth.issuer, deviceGrant: oauth.deviceGrant } }),
    ...(aheadMs === undefined ? {} : { clockAheadMs: aheadMs }),
  };
}

function shown({ rejection: _, oauth: __, obtainedAt: ___, losesAnswers: ____, ...session }: SeenToken) {
  return session;
}

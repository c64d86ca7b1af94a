import {
  createHomeserverOffers,
  discoverHomeserver,
  type HomeserverAddress,
  type OAuthOffer,
  proxyNote,
  troubleIn,
} from '../../adapters/homeserver/index.ts';
import { rejectionText } from '../../machines/index.ts';
import type { Answer } from '../../ports/index.ts';
import { oneLine, span } from '../words.ts';
import { HomeserverClock } from './clock.ts';
import { type Finding, troubleFinding } from './finding.ts';
import type { Environment } from './set-up.ts';

/** Differences up to this are of no consequence anywhere. */
const SKEW_MS = 30_000;
const PATIENCE_MS = 10_000;

/** What was found at the homeserver's address, without any token. */
export interface SeenServer {
  /** Its base URL; `undefined` where it could not be found out. */
  readonly url: string | undefined;
  /** It answered as a homeserver does. */
  readonly answers: boolean;
  /** What stands behind the colon of its user ids, where it told. */
  readonly name?: string;
  readonly versions?: readonly string[];
  /** `undefined`: could not be read. */
  readonly loginFlows?: readonly string[] | undefined;
  readonly oauth?: OAuthOffer;
  readonly clock: HomeserverClock;
  readonly findings: readonly Finding[];
}

/** Asks the homeserver what it is and what it offers, with requests that change nothing and need no token. */
export async function lookAtServer(
  address: HomeserverAddress,
  fetch: typeof globalThis.fetch,
  env: Environment,
): Promise<SeenServer> {
  const clock = new HomeserverClock();
  const found = await urlOf(address, fetch);
  if ('finding' in found) return { url: undefined, answers: false, clock, findings: [found.finding] };
  const { url } = found;
  const findings = [...plainHttp(url)];
  const proxy = proxyNote(url, env);
  const offers = createHomeserverOffers({ url, fetch: clock.watching(fetch), timeoutMs: PATIENCE_MS });
  const versions = await offers.versions();
  if (!versions.ok) {
    return { url, answers: false, clock, findings: [...findings, refusal(versions, proxy)] };
  }
  if (proxy !== undefined) findings.push({ level: 'note', code: 'proxy-variables', says: proxy });
  const [flows, oauth, name] = await Promise.all([offers.loginFlows(), offers.oauth(), offers.serverName()]);
  const how = address.kind === 'url' ? '' : `, by the .well-known of ${address.serverName}`;
  findings.push({ level: 'good', code: 'server-answers', says: `A homeserver answers at ${url}${how}.` });
  if (!flows.ok) {
    findings.push({
      level: 'note',
      code: 'login-flows-unknown',
      says: `Which logins it offers could not be read (${oneLine(rejectionText(flows.rejection))}).`,
    });
  }
  return {
    url,
    answers: true,
    versions: versions.value,
    clock,
    ...(name.ok ? { name: name.value } : {}),
    ...(flows.ok ? { loginFlows: flows.value } : {}),
    ...(oauth.ok && oauth.value !== undefined ? { oauth: oauth.value } : {}),
    findings,
  };
}

/** What is to be said of the clocks, once everything was asked. */
export function clockFindings({ clock }: SeenServer): Finding[] {
  const { aheadMs } = clock;
  if (aheadMs === undefined || Math.abs(aheadMs) <= SKEW_MS) return [];
  const how = `${span(Math.abs(aheadMs))} ${aheadMs > 0 ? 'behind' : 'ahead of'}`;
  return [
    {
      level: 'note',
      code: 'clock-skew',
      says: `The clock of this computer is ${how} the homeserver's. Tokens are renewed in time all the same; certificates, and the times in logs, are not. Set the clocks by NTP.`,
    },
  ];
}

async function urlOf(
  address: HomeserverAddress,
  fetch: typeof globalThis.fetch,
): Promise<{ readonly url: string } | { readonly finding: Finding }> {
  if (address.kind === 'url') return { url: address.url };
  const found = await discoverHomeserver(address.serverName, { fetch, timeoutMs: PATIENCE_MS });
  if (found.outcome === 'found') return { url: found.url };
  return { finding: troubleFinding({ code: found.code, what: found.why }) };
}

function refusal(answer: Answer<unknown> & { ok: false }, proxy: string | undefined): Finding {
  const { rejection } = answer;
  const trouble = troubleIn(rejection, Date.now());
  return troubleFinding(trouble ?? { code: 'no-homeserver', what: rejectionText(rejection) }, proxy);
}

const PRIVATE_NAME = /^([^.:[]+|.*\.(localhost|local|internal|lan|svc|home\.arpa))$/i;
const PRIVATE_ADDRESS =
  /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[(::1|f[cd][0-9a-f]{2}:.*|fe80:.*)\]$)/i;

function plainHttp(url: string): Finding[] {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || PRIVATE_NAME.test(hostname) || PRIVATE_ADDRESS.test(hostname)) return [];
  return [
    {
      level: 'note',
      code: 'address-plain',
      says: `Tokens and passwords go to ${hostname} by http, in the clear: whoever is on the way can read them. Use https:// if the homeserver has it.`,
    },
  ];
}

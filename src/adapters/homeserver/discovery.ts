import { redact } from '../../ports/redact.ts';
import { described, networkFailure, type TroubleCode, type TroubleDetail } from '../http/index.ts';
import { parseHomeserverAddress } from './address.ts';

/** What came of a look-up by `.well-known`. */
export type Discovery =
  | { readonly outcome: 'found'; readonly url: string }
  /** It is asked again; meanwhile a person is told, as the specification wants it (FAIL_PROMPT). */
  | { readonly outcome: 'trouble'; readonly why: string; readonly code: TroubleCode };

/**
 * Looks up a server name's base URL: `GET https://HOST/.well-known/matrix/client`. A 404 means that the homeserver is
 * at the server name itself (specification, "Server discovery"). It is done once, at the start, never after a 401.
 */
export async function discoverHomeserver(
  serverName: string,
  {
    fetch = globalThis.fetch,
    timeoutMs = 30_000,
    signal,
  }: {
    readonly fetch?: typeof globalThis.fetch;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Discovery> {
  // The port of a server name is no part of where its file is.
  const address = `https://${serverName.replace(/:\d+$/, '')}/.well-known/matrix/client`;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(address, {
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    if (response.status === 404) return { outcome: 'found', url: `https://${serverName}` };
    const text = await response.text();
    const what = described(response.status, response.headers, text);
    if (!response.ok) return unusable(serverName, `${address} answered ${what}`);
    const found = baseUrlIn(text, what);
    return 'url' in found
      ? { outcome: 'found', url: found.url }
      : unusable(serverName, `${address} ${found.problem}`);
  } catch (error) {
    const { code, what }: TroubleDetail = timeout.aborted
      ? { code: 'timeout', what: 'it did not answer in time' }
      : networkFailure(error, address);
    return { outcome: 'trouble', why: withWayOut(serverName, `${address} could not be read: ${what}`), code };
  }
}

function unusable(serverName: string, problem: string): Discovery {
  return { outcome: 'trouble', why: withWayOut(serverName, problem), code: 'well-known-unusable' };
}

function withWayOut(serverName: string, what: string): string {
  return looksLikeAddress(serverName)
    ? `${what}; if ${serverName} is the address of the homeserver itself, put its scheme before it: http://${serverName}, or https://${serverName}`
    : `${what}; set HOMESERVER_URL to the homeserver's base URL if it stays so`;
}

/** A name of a local network, an IP address, or one with a port that is not that of federation. */
function looksLikeAddress(serverName: string): boolean {
  const [, host = '', port = '8448'] = /^(.*?)(?::(\d+))?$/.exec(serverName) ?? [];
  return port !== '8448' || !host.includes('.') || /^[\d.]+$/.test(host) || host.startsWith('[');
}

type Found = { readonly url: string } | { readonly problem: string };

/** The base URL in the file, or what is wrong with the file. */
function baseUrlIn(text: string, what: string): Found {
  if (text.trim() === '') return { problem: 'is empty' };
  if (/^\s*</.test(text)) return { problem: `is not JSON but HTML (${what})` };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return {
      problem: `is not JSON${/,\s*[}\]]/.test(text) ? ' (there is a comma after its last entry)' : ''}`,
    };
  }
  const homeserver = field(body, 'm.homeserver');
  if (homeserver === undefined)
    return { problem: 'names no usable m.homeserver.base_url: m.homeserver is missing' };
  return readBaseUrl(field(homeserver, 'base_url'));
}

function readBaseUrl(value: unknown): Found {
  const problem = (how: string) => ({ problem: `names no usable m.homeserver.base_url: ${how}` });
  if (value === undefined) return problem('it is missing');
  if (typeof value !== 'string')
    return problem(`it is ${value === null ? 'null' : `no text but of type ${typeof value}`}`);
  if (value.trim() === '') return problem('it is empty');
  if (!/^\s*[a-z]+:/i.test(value) || /^[^/]*:\d+\/?$/.test(value)) {
    return problem(`it has no scheme ("${shown(value)}"); it has to begin with https://`);
  }
  try {
    const address = parseHomeserverAddress(value);
    return address.kind === 'url' ? { url: address.url } : problem('it is not a URL');
  } catch {
    return problem(`it is no http or https URL of a homeserver ("${shown(value)}")`);
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A value of the file that a person has to find there, in one short line. */
function shown(value: string): string {
  return redact(value.replace(/[^!-~]+/g, ' ').trim())
    .replace(/\/\/[^/@]*@/, '//')
    .slice(0, 80);
}

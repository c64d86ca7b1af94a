import * as v from 'valibot';
import { parseHomeserverAddress } from './address.ts';

const wellKnownBody = v.object({ 'm.homeserver': v.object({ base_url: v.pipe(v.string(), v.url()) }) });

/** What came of a look-up by `.well-known`. */
export type Discovery =
  | { readonly outcome: 'found'; readonly url: string }
  | { readonly outcome: 'trouble'; readonly why: string };

/**
 * Looks up a server name's base URL: `GET https://NAME/.well-known/matrix/client`. A 404 means that the homeserver is
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
  const address = `https://${serverName}/.well-known/matrix/client`;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(address, {
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    if (response.status === 404) return { outcome: 'found', url: `https://${serverName}` };
    if (!response.ok) return trouble(`${address} answered ${response.status}`);
    const body = v.safeParse(wellKnownBody, JSON.parse(await response.text()));
    const url = body.success ? baseUrl(body.output['m.homeserver'].base_url) : undefined;
    return url === undefined
      ? trouble(`${address} names no usable m.homeserver.base_url`)
      : { outcome: 'found', url };
  } catch (error) {
    return trouble(error instanceof SyntaxError ? `${address} is not JSON` : `${address} could not be read`);
  }
}

function trouble(what: string): Discovery {
  return {
    outcome: 'trouble',
    why: `${what}; set HOMESERVER_URL to the homeserver's base URL if it stays so`,
  };
}

function baseUrl(text: string): string | undefined {
  try {
    const address = parseHomeserverAddress(text);
    return address.kind === 'url' ? address.url : undefined;
  } catch {
    return undefined;
  }
}

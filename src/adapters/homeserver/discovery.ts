import * as v from 'valibot';

const wellKnownBody = v.object({ 'm.homeserver': v.object({ base_url: v.pipe(v.string(), v.url()) }) });

/** A homeserver's address is not usable as it was given. */
export class HomeserverAddressError extends Error {
  override readonly name = 'HomeserverAddressError';
}

/** How a homeserver was named: by its base URL, or by a server name that has to be looked up. */
export type HomeserverAddress =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'server-name'; readonly serverName: string };

/**
 * Takes `https://matrix.example.org`, with a port, a sub-path or a trailing slash if need be, or a bare server name
 * such as `example.org`.
 * @throws {HomeserverAddressError} if it is neither
 */
export function parseHomeserverAddress(text: string): HomeserverAddress {
  const given = text.trim();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    if (url === undefined || !/^https?:/.test(url.protocol)) {
      throw new HomeserverAddressError(
        `The homeserver's address is not an http or https URL. Give its base URL, such as https://matrix.example.org.`,
      );
    }
    if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      throw new HomeserverAddressError(
        `The homeserver's address has a user name, a password, a query or a fragment in it. Give the base URL alone, such as https://matrix.example.org.`,
      );
    }
    const path = url.pathname.replace(/\/+$/, '').replace(/\/_matrix(\/client.*)?$/, '');
    return { kind: 'url', url: `${url.origin}${path}` };
  }
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/i.test(given)) {
    throw new HomeserverAddressError(
      `The homeserver's address is neither a URL nor a server name. Give its base URL, such as https://matrix.example.org, or the server name, such as example.org.`,
    );
  }
  return { kind: 'server-name', serverName: given.toLowerCase() };
}

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

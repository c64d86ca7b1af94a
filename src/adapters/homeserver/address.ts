/** A homeserver's address is not usable as it was given. */
export class HomeserverAddressError extends Error {
  override readonly name = 'HomeserverAddressError';
}

/** How a homeserver was named: by its base URL, or by a server name that has to be looked up. */
export type HomeserverAddress =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'server-name'; readonly serverName: string };

/** What a good address looks like; each error ends with it. It never repeats what was given: that may hold a secret. */
const GIVE =
  'Give its base URL, such as https://matrix.example.org, or its server name, such as example.org.';

const SERVER_NAME = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(:\d{1,5})?$/i;
const LOOPBACK = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
/** Where people look at their rooms in a browser. No homeserver is there. */
const WEB_CLIENTS = /^((app|develop|staging|hydrogen)\.element\.io|app\.cinny\.in|app\.schildi\.chat)$/i;

/**
 * Takes `https://matrix.example.org`, with a port, a sub-path, a trailing slash or `/_matrix/client/v3` if need be, or a
 * bare server name such as `example.org`. Blanks and quotation marks around it are ignored. A name of this computer
 * without a scheme, such as `localhost:8008`, means `http`: no certificate is issued for it, and nothing leaves the computer.
 * @throws {HomeserverAddressError} if it is neither; the message says what it seems to be
 */
export function parseHomeserverAddress(text: string): HomeserverAddress {
  const given = mended(text);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) return fromUrl(given);
  if (/^[@#!+$]/.test(given)) {
    throw new HomeserverAddressError(
      `The homeserver's address is the id of a user or a room. ${GIVE} The server name is what stands behind the colon.`,
    );
  }
  if (/^matrix:/i.test(given))
    throw new HomeserverAddressError(`The homeserver's address is a link to a user or a room. ${GIVE}`);
  if (given.includes('@')) {
    throw new HomeserverAddressError(
      `The homeserver's address has an @ in it, as an e-mail address has. ${GIVE}`,
    );
  }
  const name = withoutPath(given);
  if (name.includes('/') && SERVER_NAME.test(name.replace(/\/.*/s, ''))) {
    throw new HomeserverAddressError(
      `The homeserver's address has a path but no scheme. ${GIVE} If the path belongs to it, put https:// before it.`,
    );
  }
  if (!SERVER_NAME.test(name) || !isPort(name)) {
    throw new HomeserverAddressError(`The homeserver's address is neither a URL nor a server name. ${GIVE}`);
  }
  if (LOOPBACK.test(name)) return { kind: 'url', url: `http://${name.toLowerCase()}` };
  return { kind: 'server-name', serverName: name.toLowerCase() };
}

function fromUrl(given: string): HomeserverAddress {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:/.test(url.protocol)) {
    throw new HomeserverAddressError(`The homeserver's address is not an http or https URL. ${GIVE}`);
  }
  if (url.hostname === 'matrix.to') {
    throw new HomeserverAddressError(
      `The homeserver's address is a link to a user or a room (matrix.to). ${GIVE} The server name is what stands behind the colon in the link.`,
    );
  }
  if (WEB_CLIENTS.test(url.hostname) || url.hash.startsWith('#/')) {
    throw new HomeserverAddressError(
      `The homeserver's address is that of a web client, where people read their rooms. ${GIVE} The server name is what stands behind the colon in the bot's user id.`,
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new HomeserverAddressError(
      `The homeserver's address has a user name, a password, a query or a fragment in it. Give the base URL alone, such as https://matrix.example.org.`,
    );
  }
  if (/^https?$/.test(url.hostname)) {
    throw new HomeserverAddressError(`The homeserver's address has its scheme twice. ${GIVE}`);
  }
  // What is looked up there is the server name's.
  if (/^\/\.well-known\/matrix(\/|$)/.test(url.pathname))
    return { kind: 'server-name', serverName: url.host };
  return { kind: 'url', url: `${url.origin}${withoutPath(url.pathname)}` };
}

/** The text without what does not belong to it, and with a scheme whose `://` was mistyped (`https:/`, `https//`). */
function mended(text: string): string {
  const given = unquoted(text);
  return given.replace(/^(https?)(:\/|\/\/|:\/{3,})(?=[^/\s])/i, '$1://');
}

/** Without the blanks and the outer pair of quotation marks that an env-file leaves around a value. */
function unquoted(text: string): string {
  const trimmed = text.trim();
  return /^(["'`]).*\1$/s.test(trimmed) && trimmed.length > 1 ? trimmed.slice(1, -1).trim() : trimmed;
}

/** Without slashes at the end, and without the part of the path that every request brings along. */
function withoutPath(path: string): string {
  return path.replace(/\/+$/, '').replace(/\/_matrix(\/client.*)?$/, '');
}

function isPort(name: string): boolean {
  const port = Number(/:(\d+)$/.exec(name.replace(/^\[.*\]/, ''))?.[1] ?? 1);
  return port >= 1 && port <= 65_535;
}

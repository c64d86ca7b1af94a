import { domainToASCII } from 'node:url';
import { bare, isPlaceholder } from '../../ports/as-typed.ts';
import { SetUpError } from '../../ports/set-up-error.ts';

/** A homeserver's address is not usable as it was given. */
export class HomeserverAddressError extends SetUpError {
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
const LOOPBACK = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1\])(:\d+)?$/i;
/** An address of IPv6 that is not in brackets, perhaps with a scheme, a port or a zone. */
const BARE_IPV6 = /^(https?:\/\/)?[0-9a-f]*:[0-9a-f]*:[0-9a-f.:]*(%25\w+|%\w+)?(\/|$)/i;
/** Where people look at their rooms in a browser. No homeserver is there. */
const WEB_CLIENTS = /^((app|develop|staging|hydrogen)\.element\.io|app\.cinny\.in|app\.schildi\.chat)$/i;

const problems = {
  placeholder: `holds a placeholder that nothing was put in the place of. ${GIVE}`,
  link: `is a link to a user or a room. ${GIVE} The server name is what stands behind the colon in the link.`,
  webClient: `is that of a web client, where people read their rooms. ${GIVE} The server name is what stands behind the colon in the bot's user id.`,
  ipv6: `is an IPv6 address without brackets. Put them around it, such as http://[::1]:8008.`,
  zone: `is an IPv6 address with a zone (what stands behind the %), which no URL can carry here. Give a host name, or an address without a zone.`,
  blank: `has a blank in it. ${GIVE}`,
  several: `is more than one. Give a single one: the base URL of the homeserver on which the bot has its account.`,
  id: `is the id of a user or a room. ${GIVE} The server name is what stands behind the colon.`,
  email: `has an @ in it, as an e-mail address has. ${GIVE}`,
  noScheme: `has a path but no scheme. ${GIVE} If the path belongs to it, put https:// before it.`,
  neither: `is neither a URL nor a server name. ${GIVE}`,
  noHttp: `is not an http or https URL. ${GIVE}`,
  port: `has a port that is not from 1 to 65535. Correct the number behind the last colon.`,
  extras: `has a user name, a password, a query or a fragment in it. Give the base URL alone, such as https://matrix.example.org.`,
  twice: `has its scheme twice. ${GIVE}`,
} as const;

function wrong(problem: keyof typeof problems): HomeserverAddressError {
  return new HomeserverAddressError(`The homeserver's address ${problems[problem]}`);
}

/**
 * Takes `https://matrix.example.org`, with a port, a sub-path, a trailing slash or `/_matrix/client/v3` if need be, or a
 * bare server name such as `example.org`. Blanks and quotation marks around it are ignored. A name of this computer
 * without a scheme, such as `localhost:8008`, means `http`: no certificate is issued for it, and nothing leaves the computer.
 * @throws {HomeserverAddressError} if it is neither; the message says what it seems to be
 */
export function parseHomeserverAddress(text: string): HomeserverAddress {
  const given = mended(text);
  if (isPlaceholder(given) || /^https?:\/\/(undefined|null)\b/i.test(given)) throw wrong('placeholder');
  if (/%/.test(given) && (BARE_IPV6.test(given) || given.includes('['))) throw wrong('zone');
  if (BARE_IPV6.test(given)) throw wrong('ipv6');
  if (isSeveral(given)) throw wrong('several');
  if (/\s/.test(given)) throw wrong('blank');
  if (/^matrix:|^matrix\.to(\/|$)/i.test(given)) throw wrong('link');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) return fromUrl(given);
  if (/^[@#!+$]/.test(given)) throw wrong('id');
  if (given.includes('@')) throw wrong('email');
  const name = inAscii(withoutPath(given));
  const host = name.replace(/\/.*/s, '');
  if (WEB_CLIENTS.test(host)) throw wrong('webClient');
  if (name !== host && SERVER_NAME.test(host)) throw wrong('noScheme');
  if (!SERVER_NAME.test(name)) throw wrong('neither');
  if (!isPort(name)) throw wrong('port');
  if (LOOPBACK.test(name)) return { kind: 'url', url: `http://${name.toLowerCase()}` };
  return { kind: 'server-name', serverName: name.toLowerCase() };
}

function fromUrl(given: string): HomeserverAddress {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined && /:(0+|\d{5,})(\/|$)/.test(given)) throw wrong('port');
  if (url === undefined || !/^https?:/.test(url.protocol)) throw wrong('noHttp');
  if (url.port === '0') throw wrong('port');
  if (url.hostname === 'matrix.to') throw wrong('link');
  if (WEB_CLIENTS.test(url.hostname) || url.hash.startsWith('#/')) throw wrong('webClient');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw wrong('extras');
  if (/^https?$/.test(url.hostname)) throw wrong('twice');
  // What is looked up there is the server name's.
  if (/^\/\.well-known\/matrix(\/|$)/.test(url.pathname))
    return { kind: 'server-name', serverName: url.host };
  return { kind: 'url', url: `${url.origin}${withoutPath(url.pathname)}` };
}

/**
 * The text without what does not belong to it: quotation marks and angle brackets around it, the name of the variable
 * before it, a comma or semicolon after it; and with a scheme whose `://` was mistyped (`https:/`, `https//`, `https:\\\\`).
 */
function mended(text: string): string {
  const given = bare(bare(text).replace(/^(export\s+)?[A-Z][A-Z0-9_]*\s*=\s*/, ''));
  return given
    .replace(/^<([^<>]*:[^<>]*)>$/, '$1')
    .replace(/[,;]+$/, '')
    .replace(/^(https?)(:\/|\/\/|;\/\/|:\/{3,}|:\\+)(?=[^/\s])/i, '$1://');
}

function isSeveral(given: string): boolean {
  const parts = given.split(/[\s,;|]+/);
  const urls = parts.filter((part) => /^https?:\/\/./i.test(part)).length;
  return urls > 1 || (urls === 0 && parts.length > 1 && parts.every((part) => /\w\.\w/.test(part)));
}

/** A name in another script as it is looked up, such as `münchen.example`. */
function inAscii(name: string): string {
  const [host = '', ...rest] = name.split(/(?=[:/])/);
  return /[^\0-\x7f]/.test(host) ? [domainToASCII(host), ...rest].join('') : name;
}

/** Without slashes at the end, and without the part of the path that requests bring along, or that is the server's own. */
function withoutPath(path: string): string {
  return path.replace(/\/+$/, '').replace(/\/(_matrix|_synapse)(\/.*)?$/, '');
}

function isPort(name: string): boolean {
  const port = Number(/:(\d+)$/.exec(name.replace(/^\[.*\]/, ''))?.[1] ?? 1);
  return port >= 1 && port <= 65_535;
}

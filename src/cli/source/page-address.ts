import { UsageError } from '../errors.ts';

/** A live page, and which of its bots. */
export interface PageAddress {
  readonly kind: 'page';
  /** Without a slash at the end. It holds no token. */
  readonly origin: string;
  readonly token: string | undefined;
  /** A name or an id; `undefined`: all. */
  readonly bot: string | undefined;
}

/** @throws {UsageError} if it is no address of a page */
export function pageAddress(text: string, token: string | undefined, bot: string | undefined): PageAddress {
  if (/^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new UsageError('--page begins with neither http:// nor https://. Give such an address.');
  }
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null) throw new UsageError('--page is no URL. Give one such as http://127.0.0.1:8008.');
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('--page must not hold a user name or a password. Give the token with --token.');
  }
  const [, , id] = /^\/(bots\/([^/]+)\/?)?$/.exec(url.pathname) ?? [];
  if (id === undefined && url.pathname !== '/') {
    throw new UsageError(
      `--page: there is no page at ${url.pathname}. Give its first address, or that of a bot below /bots/.`,
    );
  }
  const given = token ?? /^#token=(.+)$/.exec(url.hash)?.[1];
  if (given !== undefined && !/^[\x21-\x7e]+$/.test(given)) {
    throw new UsageError('--token: the token holds a character that no token has. Copy it again.');
  }
  return { kind: 'page', origin: url.origin, token: given, bot: bot ?? id };
}

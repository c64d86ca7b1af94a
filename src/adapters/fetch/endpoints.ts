/**
 * Endpoints of the client-server API that need no access token. A token is not sent there, and a 401 from there says
 * nothing about it. `/logout` needs one, but a refusal there means that it is done. Each is the whole of a path, which a
 * query may follow.
 */
const tokenless = anyOf([
  /^\/_matrix\/client\/[^/?]+\/login(\/(?!get_token(?![^?]))[^?]*)?(?![^?])/,
  /^\/_matrix\/client\/[^/?]+\/refresh(?![^?])/,
  /^\/_matrix\/client\/[^/?]+\/register(\/[^?]*)?(?![^?])/,
  /^\/_matrix\/client\/[^/?]+\/account\/(3pid|password)\/(email|msisdn)\/requestToken(?![^?])/,
  /^\/_matrix\/client\/[^/?]+(\/org\.matrix\.msc2965)?\/auth_metadata(?![^?])/,
  /^\/_matrix\/media\/[^/?]+\/(download|thumbnail)\//,
]);

/** Answers with or without a token, but refuses a dead one: a token that the caller put there has to be the current one. */
const optional = /^\/_matrix\/client\/versions(?![^?])/;

const authenticated = /^\/(_matrix\/(client|media)|_synapse\/(admin|client))\//;

/**
 * A path, and a query, that a URL has just as they stand here: nothing in them is resolved, encoded or ignored, and there
 * is no token. What is spelled otherwise may be as good; it takes a URL to know.
 */
const plain = /^(?:\/(?!\.|%2[eE])[\w\-.~!$&'()*+,;=:@%]*)+(?:\?(?!.*access_token)[\w\-.~!$()*,;:@/=&]*)?$/;

/** One expression for all: each request is held against it. */
const plainAuthenticated = new RegExp(
  `(?!${anyOf([tokenless, optional]).source})(?=${authenticated.source})${plain.source}`,
);

/** Where the session's token may go: to the authenticated endpoints of one homeserver, and nowhere else. */
export class TokenScope {
  readonly #origin: string;
  /** Of the homeserver's base URL, without a slash at its end. */
  readonly #path: string;
  readonly #base: string;

  constructor({ origin, pathname }: URL) {
    this.#origin = origin;
    this.#path = pathname.replace(/\/$/, '');
    this.#base = `${origin}${this.#path}`;
  }

  /**
   * Whether a request to this URL is to carry the token: it is one of the authenticated endpoints, or one that may have a
   * token and whose caller put one of this session's there (`carried`).
   */
  has(url: URL, carried: boolean): boolean {
    return (
      url.origin === this.#origin &&
      url.pathname.startsWith(`${this.#path}/`) &&
      takesToken(url.pathname.slice(this.#path.length), carried)
    );
  }

  /**
   * Whether {@link has} is beyond doubt without a parser: the URL's text begins with that of the homeserver's base URL, and
   * goes on plainly, as most do. There is no token in its query then.
   */
  hasPlainly(text: string): boolean {
    return text.startsWith(this.#base) && plainAuthenticated.test(text.slice(this.#base.length));
  }
}

/** @param path behind the homeserver's base URL */
function takesToken(path: string, carried: boolean): boolean {
  return authenticated.test(path) && !tokenless.test(path) && (carried || !optional.test(path));
}

/** Whether this is a logout, whose refusal must not lead to a new session. */
export function isLogout(path: string): boolean {
  return /\/_matrix\/client\/[^/]+\/logout(\/all)?$/.test(path);
}

/**
 * Whether an answer from here shows that the homeserver took the token: some endpoints answer without one just as well.
 */
export function provesToken(path: string): boolean {
  return !/\/_matrix\/client\/([^/]+\/(profile|directory\/room|publicRooms)(\/|$)|versions$)/.test(path);
}

function anyOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'));
}

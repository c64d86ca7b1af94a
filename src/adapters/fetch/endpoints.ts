/**
 * Endpoints of the client-server API that need no access token. A token is not sent there, and a 401 from there says
 * nothing about it. `/logout` needs one, but a refusal there means that it is done.
 */
const tokenless = anyOf([
  /^\/_matrix\/client\/[^/]+\/login(\/(?!get_token$).*)?$/,
  /^\/_matrix\/client\/[^/]+\/refresh$/,
  /^\/_matrix\/client\/[^/]+\/register(\/.*)?$/,
  /^\/_matrix\/client\/[^/]+\/account\/(3pid|password)\/(email|msisdn)\/requestToken$/,
  /^\/_matrix\/client\/[^/]+(\/org\.matrix\.msc2965)?\/auth_metadata$/,
  /^\/_matrix\/media\/[^/]+\/(download|thumbnail)\//,
]);

/** Answers with or without a token, but refuses a dead one: a token that the caller put there has to be the current one. */
const optional = /^\/_matrix\/client\/versions$/;

const authenticated = /^\/(_matrix\/(client|media)|_synapse\/(admin|client))\//;

/**
 * Whether a request to this URL is to carry the session's token: it is one of this homeserver's authenticated
 * endpoints, or one that may have a token and whose caller put one of this session's there (`carried`).
 */
export function takesToken(url: URL, homeserver: URL, carried: boolean): boolean {
  if (url.origin !== homeserver.origin) return false;
  const base = homeserver.pathname.replace(/\/$/, '');
  if (!url.pathname.startsWith(`${base}/`)) return false;
  const path = url.pathname.slice(base.length);
  if (optional.test(path)) return carried;
  return authenticated.test(path) && !tokenless.test(path);
}

/** Whether this is a logout, whose refusal must not lead to a new session. */
export function isLogout(url: URL): boolean {
  return /\/_matrix\/client\/[^/]+\/logout(\/all)?$/.test(url.pathname);
}

/**
 * Whether an answer from here shows that the homeserver took the token: some endpoints answer without one just as well.
 */
export function provesToken(url: URL): boolean {
  return !/\/_matrix\/client\/([^/]+\/(profile|directory\/room|publicRooms)(\/|$)|versions$)/.test(
    url.pathname,
  );
}

/** One expression for all: each request is held against it. */
function anyOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'));
}

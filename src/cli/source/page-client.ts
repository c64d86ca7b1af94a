import { UnreachableError } from '../errors.ts';
import { oneLine } from '../words.ts';
import type { PageAddress } from './page-address.ts';
import { type BotOnPage, framesIn } from './page-schema.ts';

const PATIENCE_MS = 10_000;

/** A page does not want this token, or none; asking again is of no use. */
export class TokenRefusedError extends UnreachableError {}

/**
 * The bots of a page as they stand now.
 * @throws {UnreachableError}
 */
export async function botsOn(
  page: PageAddress,
  signal: AbortSignal = AbortSignal.timeout(PATIENCE_MS),
): Promise<{ readonly now: number; readonly bots: readonly BotOnPage[] }> {
  const response = await ask(page, '/frames', signal);
  const answer = await response.json().catch(() => undefined);
  const frames = response.ok ? framesIn(answer) : undefined;
  if (frames === undefined) throw notOurs(page);
  const { bot } = page;
  if (bot === undefined) return frames;
  const bots = frames.bots.filter(({ id, now }) => id === bot || now.bot === bot);
  if (bots.length > 0) return { now: frames.now, bots };
  const names = frames.bots.map(({ now }) => now.bot).join(', ');
  throw new UnreachableError(
    `there is no bot ${JSON.stringify(bot)} on ${page.origin}. ${names === '' ? 'There is none at all.' : `There are: ${names}.`}`,
  );
}

/** @throws {UnreachableError} if nothing answers, or the token is refused */
export async function ask(page: PageAddress, path: string, signal: AbortSignal): Promise<Response> {
  const { origin, token } = page;
  let response: Response;
  try {
    response = await fetch(`${origin}${path}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    throw new UnreachableError(
      `${origin} does not answer: ${reasonOf(error)}. Check that the bot runs, and that its page is served there.`,
    );
  }
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    const target = URL.parse(response.headers.get('location') ?? '', origin)?.origin;
    throw new UnreachableError(
      `${origin} sends to ${target ?? 'another address'}, and no token is sent there unasked. Give the address that it leads to, if it is the page’s.`,
    );
  }
  if (response.status === 401) {
    await response.body?.cancel();
    throw new TokenRefusedError(
      token === undefined
        ? `${origin} wants a token. Give it with --token, or in AUTH_PAGE_TOKEN.`
        : `${origin} refuses the token. Give the one that the page was served with.`,
    );
  }
  if (response.status === 421) {
    await response.body?.cancel();
    throw new UnreachableError(
      `${origin} is a page that is not served under this name. Add it to the option "hosts" of the page.`,
    );
  }
  return response;
}

export function notOurs({ origin }: PageAddress): UnreachableError {
  return new UnreachableError(
    `${origin} answers, but not as a live page of matrix-auth-machine does. Give the address that serveAuthPage() returns.`,
  );
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closes the connection',
  UND_ERR_SOCKET: 'it closes the connection',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve at the moment',
  ETIMEDOUT: 'it takes too long',
  UND_ERR_CONNECT_TIMEOUT: 'it takes too long',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak https; try http://',
  EPROTO: 'it does not speak https; try http://',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; name its authority in NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; name its authority in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is not trusted; name its authority in NODE_EXTRA_CA_CERTS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  'bad port': 'no page can be served on this port',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason is known';
  if (error.name === 'TimeoutError') return `not within ${PATIENCE_MS / 1_000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return 'no reason is known';
  const code = 'code' in cause ? String(cause.code) : cause.message;
  return reasons[code] ?? `the connection fails (${oneLine(code)})`;
}

import { redact } from '../../ports/redact.ts';
import type { TroubleDetail } from './trouble.ts';

/** An answer with what is needed to say what it is. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; `undefined` where it is none. */
  readonly body: unknown;
}

const DENIALS = [401, 403, 407, 451];
const ABSENCES = [404, 405, 410];
const REDIRECTS = [301, 302, 303, 307, 308];

/** Where a redirect leads; `undefined` where the answer is none. */
export function redirectIn(
  { status, headers }: Pick<RawAnswer, 'status' | 'headers'>,
  asked: string,
): TroubleDetail | undefined {
  if (!REDIRECTS.includes(status)) return undefined;
  const location = headers.get('location');
  const target = location !== null && URL.canParse(location, asked) ? new URL(location, asked) : null;
  const to = target === null ? 'nowhere' : base(target, new URL(asked));
  return { code: 'redirect', what: `the address redirects (${status}) to ${to}, which was not followed` };
}

/** The target without what was asked for there: what HOMESERVER_URL would have to be. No query: it may hold anything. */
function base(target: URL, asked: URL): string {
  const path = asked.pathname.slice(Math.max(0, asked.pathname.indexOf('/_matrix/')));
  const rest = target.pathname.endsWith(path) ? target.pathname.slice(0, -path.length) : target.pathname;
  return redact(`${target.origin}${rest.replace(/\/$/, '')}`);
}

/**
 * What an answer is that no homeserver gave: its body is not JSON, or it refuses without an error code of Matrix.
 * `undefined` where it is one.
 */
export function foreignAnswer({ status, headers, text, body }: RawAnswer): TroubleDetail | undefined {
  if (typeof body === 'object' && body !== null && !refusesForeignly(status, body)) return undefined;
  if (status === 400 && /plain HTTP request was sent to HTTPS|HTTP request to an HTTPS/i.test(text)) {
    return { code: 'plain-on-tls-port', what: 'the port speaks https, and http was asked for (400)' };
  }
  const what = described(status, headers, text);
  if (status === 429) return { code: 'rate-limited', what: `too many requests: ${what}` };
  if (status === 511) {
    return { code: 'access-denied', what: `the network wants somebody to sign in to it first: ${what}` };
  }
  if (status >= 500) return { code: 'server-error', what: `the homeserver has a problem: ${what}` };
  if (DENIALS.includes(status)) {
    return { code: 'access-denied', what: `something that is no homeserver refuses the request: ${what}` };
  }
  return { code: 'no-homeserver', what: `what answers there is no homeserver: ${what}` };
}

/** An API of something else, or a gate before the homeserver. What a homeserver leaves out of a demand for another stage (`flows`) is its own. */
function refusesForeignly(status: number, body: object): boolean {
  return [...DENIALS, ...ABSENCES].includes(status) && !('errcode' in body) && !('flows' in body);
}

/** `404, text/html, "Element"`: the status, the kind of content, and the first words of its title or heading. */
export function described(status: number, headers: Headers, text: string): string {
  const type = /^[a-z0-9.+/-]{3,60}/i.exec(headers.get('content-type') ?? '')?.[0];
  const title = /<(title|h1)[^>]*>([^<]{1,300})/i.exec(text)?.[2];
  const words = redact(
    (title ?? '')
      .replace(/[^\p{L}\p{N}\p{P}| ]+/gu, ' ')
      .trim()
      .replace(/\s+/g, ' '),
  ).slice(0, 60);
  return [
    String(status),
    type ?? (text === '' ? 'an empty answer' : undefined),
    words === '' ? undefined : `"${words}"`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

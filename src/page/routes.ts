import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, answer } from './answer.ts';
import { followAll, followBot, followFleet } from './followers.ts';
import { bearsToken, COOKIE, cookieOf, isAuthorized, refusalOf } from './guard.ts';
import { alive, frames, readiness } from './health.ts';
import { botPage, fleetPage, missingPage, signInPage } from './html/index.ts';
import type { ResolvedOptions } from './options.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { Entry, Roster } from './roster.ts';
import { missingScript, pageScript, signInScript } from './script.ts';
import type { Streams } from './streams.ts';
import { stylesheet } from './styles/index.ts';

/** Tells one version of the page's code from another. */
const version = createHash('sha256').update(pageScript).update(stylesheet).digest('hex').slice(0, 12);

const html = (body: string, status = 200): Answer => ({ status, type: 'text/html', body });
const script = (body: string): Answer => ({ status: 200, type: 'text/javascript', body });

export interface Site {
  readonly options: ResolvedOptions;
  readonly roster: Roster;
  readonly streams: Streams;
  readonly log: RefusalLog;
}

/** Answers every request: with a refusal, or with what it asked for. */
export function createHandler(site: Site): (request: IncomingMessage, response: ServerResponse) => void {
  const { options, roster, streams, log } = site;

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    { status, kind, answer: body, headers = {} }: Refused,
  ): void {
    log.note(kind, request.socket.remoteAddress);
    answer(request, response, { status, body: `${body}\n`, headers: { ...headers, connection: 'close' } });
  }

  return (request, response) => {
    const refusal = refusalOf(request, options);
    if (refusal !== undefined) {
      refuse(request, response, {
        ...refusal,
        headers: refusal.status === 405 ? { allow: 'GET, HEAD' } : {},
      });
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const authorized = isAuthorized(request, options.token);

    const open = publicAnswer(pathname, request, authorized);
    if (open !== undefined) {
      answer(request, response, open);
      return;
    }
    if (!authorized) {
      const wantsPage = request.headers.accept?.includes('text/html') === true;
      if (wantsPage) answer(request, response, html(signInPage, 401));
      else {
        const words = 'Send the token as "Authorization: Bearer …".';
        refuse(request, response, { status: 401, kind: 'no token, or a wrong one', answer: words });
      }
      return;
    }
    if (pathname === '/events') {
      stream(request, response, searchParams);
      return;
    }
    answer(request, response, answerTo(pathname, searchParams));
  };

  /** What may be had without the token. */
  function publicAnswer(path: string, request: IncomingMessage, authorized: boolean): Answer | undefined {
    if (path === '/healthz') return alive;
    if (path === '/readyz') return readiness(roster, authorized);
    if (path === '/page.css') return { status: 200, type: 'text/css', body: stylesheet };
    if (path === '/sign-in.js') return script(signInScript);
    const { token } = options;
    if (path !== '/sign-in' || token === undefined || !bearsToken(request.headers.authorization, token)) {
      return undefined;
    }
    const cookie = `${COOKIE}=${cookieOf(token)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000`;
    return { status: 204, headers: { 'set-cookie': cookie } };
  }

  function answerTo(path: string, query: URLSearchParams): Answer {
    if (path === '/page.js') return script(pageScript);
    if (path === '/missing.js') return script(missingScript);
    if (path === '/frames') return frames(roster, query.get('bot') ?? undefined);
    const [only, ...others] = roster.entries;
    if (path === '/') {
      return html(only !== undefined && others.length === 0 ? pageOf(only, false) : fleetPage(version));
    }
    const [, id] = /^\/bots\/([^/]+)$/.exec(path) ?? [];
    const entry = id === undefined ? undefined : roster.get(id);
    return entry === undefined ? html(missingPage, 404) : html(pageOf(entry, others.length > 0));
  }

  function pageOf({ id, observer }: Entry, others: boolean): string {
    return botPage({ id, name: observer.name, page: version, others });
  }

  function stream(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const id = query.get('bot');
    const entry = id === null ? undefined : roster.get(id);
    if (id !== null && entry === undefined) {
      answer(request, response, { status: 404, body: 'There is no such bot.\n' });
      return;
    }
    if (streams.size >= options.maxStreams) {
      const words = `${options.maxStreams} viewers follow already, and no more may (option "maxStreams").`;
      const headers = { 'retry-after': '10' };
      refuse(request, response, { status: 503, kind: 'too many open streams', answer: words, headers });
      return;
    }
    const follower =
      entry !== undefined
        ? followBot(entry, version)
        : query.has('visits')
          ? followAll(roster, version)
          : followFleet(roster, version);
    streams.open(request, response, follower, query.has('once'));
  }
}

interface Refused {
  readonly status: number;
  readonly kind: string;
  readonly answer: string;
  readonly headers?: Readonly<Record<string, string>>;
}

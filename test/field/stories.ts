import fc from 'fast-check';
import type { Fault } from '../../src/testing/index.ts';

/** What a bot signs in with. */
export type Kind = 'a password' | 'a token and its refresh token' | 'a token alone' | 'all of it';

/** What the world does to a bot, one thing after another. None of it proves that the session has ended. */
export type Move =
  /** The next `times` requests to this path meet it. */
  | { readonly do: 'trouble'; readonly path: string; readonly times: number; readonly fault: Fault }
  /** The access tokens run out, which is no end of a session that can be renewed. */
  | { readonly do: 'expire' }
  | { readonly do: 'request'; readonly method: string; readonly path: string }
  | { readonly do: 'refresh' }
  /** The process ends and starts anew with the same store. */
  | { readonly do: 'restart' };

export interface Story {
  readonly kind: Kind;
  /** What happens before the first start. */
  readonly before: readonly Move[];
  readonly moves: readonly Move[];
}

const API = '/_matrix/client/v3';
const ENDPOINTS = [
  `${API}/login`,
  `${API}/refresh`,
  `${API}/account/whoami`,
  `${API}/sync`,
  `${API}/joined_rooms`,
];

const html = (status: number, title: string): Fault => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/html' },
  body: `<!doctype html><title>${title}</title>`,
});
const json = (status: number, body: object, headers = {}): Fault => ({
  kind: 'answer',
  status,
  headers,
  body,
});

/** Answers that prove nothing, wherever they come from. */
const faults: readonly Fault[] = [
  html(200, 'Welcome'),
  html(401, 'Sign in'),
  html(403, 'Denied'),
  html(404, 'Not found'),
  html(502, 'Bad Gateway'),
  html(503, 'Down for maintenance'),
  json(200, {}),
  json(401, { detail: 'Unauthorized' }),
  json(403, { message: 'Forbidden' }),
  json(500, { errcode: 'M_UNKNOWN', error: 'no' }),
  json(502, { errcode: 'M_UNKNOWN_TOKEN', error: 'from a worker that is away' }),
  json(503, { errcode: 'M_FORBIDDEN', error: 'no' }),
  json(429, { errcode: 'M_LIMIT_EXCEEDED', error: 'no', retry_after_ms: 20 }),
  json(429, { errcode: 'M_LIMIT_EXCEEDED', error: 'no' }),
  json(429, {}, { 'retry-after': '0.02' }),
  json(302, {}, { location: 'https://login.example.test/' }),
  { kind: 'hang' },
  { kind: 'cut' },
  { kind: 'lose-response' },
  { kind: 'cut-body' },
];

/** A refusal of the token by mistake, once: by a worker that lags behind, say. */
const lies: readonly Fault[] = [
  json(401, { errcode: 'M_UNKNOWN_TOKEN', error: 'no', soft_logout: false }),
  json(401, { errcode: 'M_UNKNOWN_TOKEN', error: 'no', soft_logout: true }),
];

const trouble: fc.Arbitrary<Move> = fc.record({
  do: fc.constant('trouble' as const),
  path: fc.constantFrom(...ENDPOINTS),
  times: fc.integer({ min: 1, max: 3 }),
  fault: fc.constantFrom(...faults),
});

/** A login is asked for a token, so it has none to refuse. */
const lie: fc.Arbitrary<Move> = fc.record({
  do: fc.constant('trouble' as const),
  path: fc.constantFrom(...ENDPOINTS.filter((path) => !path.endsWith('/login'))),
  times: fc.constant(1),
  fault: fc.constantFrom(...lies),
});

const request: fc.Arbitrary<Move> = fc.constantFrom(
  { do: 'request', method: 'GET', path: `${API}/account/whoami` },
  { do: 'request', method: 'GET', path: `${API}/sync?timeout=0` },
  { do: 'request', method: 'GET', path: `${API}/joined_rooms` },
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: trouble },
  { weight: 3, arbitrary: request },
  { weight: 2, arbitrary: fc.constant<Move>({ do: 'expire' }) },
  { weight: 1, arbitrary: fc.constant<Move>({ do: 'refresh' }) },
  { weight: 1, arbitrary: fc.constant<Move>({ do: 'restart' }) },
);

/** A story with one lie in it at the most. */
export const stories: fc.Arbitrary<Story> = fc
  .record({
    kind: fc.constantFrom<Kind>('a password', 'a token and its refresh token', 'a token alone', 'all of it'),
    before: fc.array(trouble, { maxLength: 3 }),
    moves: fc.array(move, { minLength: 2, maxLength: 10 }),
    lie: fc.option(fc.tuple(lie, fc.nat())),
  })
  .map(({ kind, before, moves, lie: told }) => {
    if (told === null) return { kind, before, moves };
    const at = told[1] % (moves.length + 1);
    return { kind, before, moves: [...moves.slice(0, at), told[0], ...moves.slice(at)] };
  });

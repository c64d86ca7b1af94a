import { meaningOf, type Rejection } from '../../machines/auth/index.ts';
import { type Call, callOf, isSimple } from './call.ts';
import { Disbelief } from './disbelief.ts';
import { isLogout, provesToken, type TokenScope } from './endpoints.ts';
import type { Gate, HeldTime } from './gate.ts';
import { followRedirects } from './redirects.ts';

/** The token that requests carry now. */
export interface CurrentToken {
  readonly value: string;
  readonly generation: number;
}

export interface AuthFetchOptions {
  /** Where the token may go; `undefined` while the homeserver is not known yet. */
  readonly scope: () => TokenScope | undefined;
  readonly gate: Gate;
  /** Where those wait who were refused: open once it is known whether their token is dead. */
  readonly verdict: Gate;
  readonly token: () => CurrentToken | undefined;
  /** Whether a bearer token that a caller put on its request is one of this session's, of now or of earlier. */
  readonly isOurs: (bearer: string) => boolean;
  /** A logout with this session's token has succeeded. */
  readonly onLoggedOut: () => void;
  /** Reads a refusal. */
  readonly readRejection: (endpoint: 'other', status: number, body: unknown, headers: Headers) => Rejection;
  readonly onRejected: (generation: number, rejection: Rejection) => void;
  /** A refusal came from an endpoint that is not believed: the token may be dead all the same. */
  readonly onDoubted: (generation: number) => void;
  /** This endpoint refuses a token that `whoami` takes. Its refusals go to the caller, and nobody else waits. */
  readonly onDisbelieved: (endpoint: string) => void;
  /** The first time that a token of this generation worked. */
  readonly onProven: (generation: number) => void;
  /** A request carried its token, and the homeserver saw none. */
  readonly onTokenMissing: () => void;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * The one place where a request gets its token, and where a refusal of it is met. A refused request was not executed, so it is
 * always safe to send it again: each is sent once with each token, at most twice, until one works, the session has failed,
 * or the request has waited too long.
 */
export function createAuthFetch(options: AuthFetchOptions): typeof globalThis.fetch {
  const { gate, verdict, fetch } = options;
  const disbelief = new Disbelief();
  let provenGeneration = 0;

  return async (input, init) => {
    const scope = options.scope();
    if (typeof input !== 'string' || gate.state !== 'open' || !isSimple(init) || !scope?.hasPlainly(input))
      return waitAndSend(callOf(fetch, input, init));
    // Nearly every request. While nothing is amiss this is all that is done for it, and so it is done here.
    const token = currentToken();
    const headers = { authorization: `Bearer ${token.value}` };
    // The caller may change its own afterwards.
    const given = init && { ...init };
    const response = await fetch(input, { ...given, headers, redirect: 'manual' });
    const mayBeLogout = given?.method?.toUpperCase() === 'POST';
    if (response.ok && token.generation === provenGeneration && !mayBeLogout) return response;
    return untilAnswered(callOf(fetch, input, given), scope, { ms: 0 }, token, response);
  };

  async function waitAndSend(call: Call): Promise<Response> {
    const held: HeldTime = { ms: 0 };
    if (options.scope() === undefined) await gate.pass(call.signal, held);
    const scope = options.scope();
    const carried = call.bearer !== undefined;
    const foreign = carried && !options.isOurs(call.bearer);
    if (scope === undefined || foreign || !scope.has(call.url, carried)) return call.sendAsGiven();
    await gate.pass(call.signal, held);
    const token = currentToken();
    return untilAnswered(call, scope, held, token, await call.send(token.value));
  }

  /** Meets the answer to a request with this token: sends it again with the next one for as long as it is refused for it. */
  async function untilAnswered(
    call: Call,
    scope: TokenScope,
    held: HeldTime,
    firstToken: CurrentToken,
    first: Response,
  ): Promise<Response> {
    let token = firstToken;
    let answered = first;
    /** The token with which it was sent twice, since its refusal may not hold any more. */
    let sentTwice = 0;
    for (;;) {
      const { response, carriedToken } = await followRedirects(call, answered, token.value, scope);
      // Another refusal is being looked into. The token may have died after the homeserver was asked about that one.
      const joins = verdict.state === 'waiting';
      const refusal = carriedToken ? await refusalIn(call, response, token.generation) : undefined;
      if (refusal === undefined) return response;
      try {
        await verdict.pass(call.signal, held);
      } catch (error) {
        // The session has failed for good: whoever was refused gets the refusal itself, and the SDK's own words for it.
        if (gate.state === 'failed' && call.signal?.aborted !== true) return response;
        await response.body?.cancel();
        throw error;
      }
      if (options.token()?.generation === token.generation) {
        // The token lives, or lived when it was asked about. Else the account was locked, and is not any more; or it is
        // the endpoint that is wrong.
        if ((refusal !== 'locked' && !joins) || sentTwice === token.generation) {
          const endpoint = disbelief.note(call);
          if (endpoint !== undefined) options.onDisbelieved(endpoint);
          return response;
        }
        sentTwice = token.generation;
      }
      // Its end is not waited for, and has nothing to say.
      response.body?.cancel().catch(() => undefined);
      token = currentToken();
      answered = await call.send(token.value);
    }
  }

  function currentToken(): CurrentToken {
    const token = options.token();
    if (token === undefined)
      throw new Error('The gate is open although there is no token. This is a bug in matrix-auth-machine.');
    return token;
  }

  /** Notes what an answer says of the session. Returns why the request is to be sent again, if it is. */
  async function refusalIn(
    call: Call,
    response: Response,
    generation: number,
  ): Promise<'token-dead' | 'locked' | undefined> {
    const path = call.url.pathname;
    if (response.ok) {
      if (call.method === 'POST' && isLogout(path)) options.onLoggedOut();
      else if (generation > provenGeneration && provesToken(path)) {
        provenGeneration = generation;
        options.onProven(generation);
      }
    }
    if (response.status !== 401 && response.status !== 403) return undefined;
    const body = await bodyOf(response);
    const rejection = options.readRejection('other', response.status, body, response.headers);
    const meaning = meaningOf(rejection);
    if (meaning === 'token-missing') options.onTokenMissing();
    if (meaning !== 'token-dead' && meaning !== 'locked') return undefined;
    // A refused logout means that the session is gone already, and nobody wants it back.
    if (isLogout(path)) return undefined;
    if (!disbelief.covers(call)) options.onRejected(generation, rejection);
    // The token may be dead all the same: then it is `whoami` that says so.
    else if (disbelief.doubts(generation)) options.onDoubted(generation);
    else return undefined;
    // Nothing has come of it: to send the same token again would be a loop.
    if (verdict.state === 'open' && options.token()?.generation === generation) return undefined;
    return meaning;
  }
}

/** The body of a refusal, read from a copy: the caller may still want it. */
async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.clone().json();
  } catch {
    return undefined;
  }
}

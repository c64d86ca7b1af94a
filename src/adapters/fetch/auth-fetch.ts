import { meaningOf, type Rejection } from '../../machines/auth/index.ts';
import { type Call, callOf } from './call.ts';
import { Disbelief } from './disbelief.ts';
import { isLogout, provesToken, takesToken } from './endpoints.ts';
import type { Gate, HeldTime } from './gate.ts';
import { sendFollowing } from './redirects.ts';

/** The token that requests carry now. */
export interface CurrentToken {
  readonly value: string;
  readonly generation: number;
}

export interface AuthFetchOptions {
  /** The homeserver's base URL; `undefined` while it is not known yet. */
  readonly homeserver: () => URL | undefined;
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
 * always safe to send it again: each is sent at most once with each token, until one works, the session has failed,
 * or the request has waited too long.
 */
export function createAuthFetch(options: AuthFetchOptions): typeof globalThis.fetch {
  const { gate, verdict, fetch } = options;
  const disbelief = new Disbelief();
  let provenGeneration = 0;

  return async (input, init) => {
    const held: HeldTime = { ms: 0 };
    const call = callOf(input instanceof Request ? input : String(input), init);
    if (options.homeserver() === undefined) await gate.pass(call.signal, held);
    const homeserver = options.homeserver();
    const carried = call.bearer !== undefined;
    const foreign = carried && !options.isOurs(call.bearer);
    if (homeserver === undefined || foreign || !takesToken(call.url, homeserver, carried))
      return call.sendAsGiven(fetch);

    let refusal: Refusal | undefined;
    /** The token with which it was sent again after a lock. */
    let unlocked = 0;
    for (;;) {
      try {
        await (refusal === undefined ? gate : verdict).pass(call.signal, held);
      } catch (error) {
        // The session has failed for good: whoever was refused gets the refusal itself, and the SDK's own words for it.
        if (refusal !== undefined && gate.state === 'failed' && call.signal?.aborted !== true)
          return refusal.response;
        await refusal?.response.body?.cancel();
        throw error;
      }
      const token = options.token();
      if (refusal !== undefined && token?.generation === refusal.generation) {
        // The token lives. Either the account was locked, and is not any more, or it is the endpoint that is wrong.
        if (refusal.meaning !== 'locked' || unlocked === token.generation) {
          const endpoint = disbelief.note(call);
          if (endpoint !== undefined) options.onDisbelieved(endpoint);
          return refusal.response;
        }
        unlocked = token.generation;
      }
      await refusal?.response.body?.cancel();
      if (token === undefined)
        throw new Error('The gate is open although there is no token. This is a bug in matrix-auth-machine.');
      const { response, carriedToken } = await sendFollowing(call, fetch, token.value, homeserver);
      if (!carriedToken) return response;
      if (response.ok) {
        if (call.method === 'POST' && isLogout(call.url)) options.onLoggedOut();
        else if (token.generation > provenGeneration && provesToken(call.url)) {
          provenGeneration = token.generation;
          options.onProven(token.generation);
        }
      }
      if (response.status !== 401 && response.status !== 403) return response;
      refusal = await refusalOf(call, response, token.generation);
      if (refusal === undefined) return response;
    }
  };

  /** Reports a refusal that is about the session. Returns it if the request is to be sent again after it. */
  async function refusalOf(call: Call, response: Response, generation: number): Promise<Refusal | undefined> {
    const rejection = options.readRejection(
      'other',
      response.status,
      await bodyOf(response),
      response.headers,
    );
    const meaning = meaningOf(rejection);
    if (meaning === 'token-missing') options.onTokenMissing();
    if (meaning !== 'token-dead' && meaning !== 'locked') return undefined;
    // A refused logout means that the session is gone already, and nobody wants it back.
    if (isLogout(call.url)) return undefined;
    if (!disbelief.covers(call)) options.onRejected(generation, rejection);
    // The token may be dead all the same: then it is `whoami` that says so.
    else if (disbelief.doubts(generation)) options.onDoubted(generation);
    else return undefined;
    // Nothing has come of it: to send the same token again would be a loop.
    if (verdict.state === 'open' && options.token()?.generation === generation) return undefined;
    return { response, generation, meaning };
  }
}

/** A refused request's answer, and the token it was refused with. */
interface Refusal {
  readonly response: Response;
  readonly generation: number;
  readonly meaning: 'token-dead' | 'locked';
}

/** The body of a refusal, read from a copy: the caller may still want it. */
async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.clone().json();
  } catch {
    return undefined;
  }
}

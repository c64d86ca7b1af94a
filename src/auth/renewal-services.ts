import type { KeeperResult, LoginNames, SessionKeeper } from '../adapters/sessions/index.ts';
import { type FailureReason, failureOf, type Rejection, type RenewOutcome } from '../machines/auth/index.ts';
import {
  type Answer,
  type AuthorizationRequest,
  type Homeserver,
  type SignIn,
  type StoredSession,
  type TokenGrant,
  viewOf,
} from '../ports/index.ts';
import { askedForGood } from './asked-for-good.ts';
import { deviceIdFor } from './device-id.ts';
import type { Attempt, SessionServices } from './hosted-machine.ts';
import type { SessionRuntime } from './session-runtime.ts';
import type { SignInLadder } from './sign-in-ladder.ts';

/** What the services that get new tokens are made of. */
export interface RenewalContext {
  readonly runtime: SessionRuntime;
  readonly keeper: SessionKeeper;
  readonly names: LoginNames;
  readonly sessionName: string;
  readonly deviceDisplayName: string;
  readonly refreshTokens: boolean;
  readonly fetch: typeof globalThis.fetch;
  /** The homeserver, with a time limit that fits an attempt after so many failures in a row. */
  readonly homeserver: (failures: number) => Homeserver;
  /** That time limit, in ms. */
  readonly timeoutMs: (failures: number) => number;
  /** Nobody waits for the session any more: ends whatever is still asked. */
  readonly ended: AbortSignal;
  /** A person has to do something. */
  readonly ask: (request: AuthorizationRequest) => void;
  /** A way to sign in was refused, and another one is left. */
  readonly onWayRefused: (way: SignIn, reason: FailureReason) => void;
  /** There is a newer session, and the machine was not waiting for it. */
  readonly onNewSession: (session: StoredSession) => void;
  /** Another process has logged the session out. */
  readonly onLoggedOut: () => void;
}

/** The services that get a new token: by the refresh token, or by signing in. */
export function renewalServices(
  context: RenewalContext,
): Pick<SessionServices, 'exchange' | 'logIn' | 'authorize'> {
  const { runtime, keeper, homeserver, ended } = context;

  async function exchange({ generation, failures }: Attempt, signal: AbortSignal): Promise<RenewOutcome> {
    const result = await keeper.rotate(generation, async (refreshToken, { session, isLast }) => {
      const { kind, renewal: data = {} } = session;
      const found = await runtime.renewals.of(kind, ladder());
      if ('missing' in found) return { ok: false, rejection: found.missing };
      const renew = () =>
        found.renewal.renew(refreshToken, {
          homeserver: homeserver(failures),
          homeserverUrl: runtime.knownHomeserverUrl,
          fetch: context.fetch,
          timeoutMs: context.timeoutMs(failures),
          data,
          // Once sent it has to be written, or the session is lost: only its time limit and the end of the session end it.
          signal: ended,
        });
      return askedForGood(renew, 'refresh-dead', () => isLast && ladder().isExhausted);
    });
    return handedOn(result, signal);
  }

  /** Tries the ways that need no person, in their order. */
  async function logIn(attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome> {
    return tryWays(attempt, signal, undefined);
  }

  /** Signs in with a person. Where that is refused, the ways that need none are tried after it. */
  async function authorize(attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome> {
    const way = ladder().next;
    return tryWays(attempt, signal, way?.attended === true ? way : undefined);
  }

  /** @param person the way with a person that may be tried now */
  async function tryWays(
    attempt: Attempt,
    signal: AbortSignal,
    person: SignIn | undefined,
  ): Promise<RenewOutcome> {
    const missing = await homeserverMissing(attempt);
    if (missing !== undefined) return { outcome: 'refused', rejection: missing };
    let outcome: RenewOutcome = { outcome: 'refused', rejection: nothingLeft };
    for (let way = ladder().next; way !== undefined; way = ladder().next) {
      if (way.attended && way !== person) return withWaysLeft(outcome);
      outcome = await (way.attended
        ? signInWithPerson(way, attempt, signal)
        : signIn(way, attempt, signal, (deviceId) => begin(way, deviceId, attempt, ended)));
      if (ladder().next === way || outcome.outcome !== 'refused' || signal.aborted) break;
    }
    return outcome;
  }

  /** No claim is held while a person takes their time: the grant is written once it is there. */
  async function signInWithPerson(way: SignIn, attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome> {
    const deviceId = way.deviceId ?? keeper.current?.deviceId ?? derivedDevice(way);
    const answer = await begin(way, deviceId, attempt, AbortSignal.any([signal, ended]));
    return signIn(way, attempt, signal, () => Promise.resolve(answer));
  }

  /** What keeps a login from being spent where there is no homeserver. It is asked only where that is in doubt. */
  async function homeserverMissing({ failures }: Attempt): Promise<Rejection | undefined> {
    if (!runtime.homeserverDoubted) return undefined;
    const answer = await homeserver(failures).versions({ signal: ended });
    runtime.homeserverDoubted = !answer.ok;
    return answer.ok ? undefined : answer.rejection;
  }

  async function signIn(
    way: SignIn,
    { generation }: Attempt,
    signal: AbortSignal,
    login: (deviceId: string) => Promise<Answer<TokenGrant>>,
  ): Promise<RenewOutcome> {
    const result = await keeper.logIn(
      generation,
      { wanted: way.deviceId, otherwise: derivedDevice(way) },
      async (deviceId) => {
        const answer = await login(deviceId);
        if (answer.ok) await noteName(way, answer.value.userId);
        return answer;
      },
      { attended: way.attended },
    );
    if (result.kind === 'renewed') {
      ladder().succeeded(way);
      const { userId, generation: issued } = result.session;
      runtime.signedIn = { userId, generation: issued };
    }
    if (result.kind === 'refused') {
      const { detail } = result.rejection;
      // A proxy that has no answer of the homeserver's is none, as well as a website.
      runtime.homeserverDoubted = detail !== undefined && detail.code !== 'secret-unavailable';
    }
    const reason = result.kind === 'refused' ? failureOf(result.rejection) : undefined;
    if (reason !== undefined) {
      ladder().refused(way, reason);
      if (ladder().next !== undefined) context.onWayRefused(way, reason);
    }
    const outcome = handedOn(result, signal);
    return outcome.outcome === 'renewed' ? { ...outcome, ways: ladder().waysLeft } : outcome;
  }

  /** Notes whom a name means that is not part of the user id, before the session is stored. */
  async function noteName({ account }: SignIn, userId: string | undefined): Promise<void> {
    if (account === undefined || userId === undefined || account.isUser(userId)) return;
    await context.names.note(account.name, userId);
  }

  function ladder(): SignInLadder {
    return runtime.ladder;
  }

  function begin(way: SignIn, deviceId: string, { failures }: Attempt, signal: AbortSignal) {
    const { deviceDisplayName, refreshTokens, fetch, ask } = context;
    const { userId } = keeper.current ?? {};
    return way.begin({
      homeserver: homeserver(failures),
      homeserverUrl: runtime.knownHomeserverUrl,
      fetch,
      deviceId,
      deviceDisplayName,
      refreshTokens,
      ...(userId === undefined ? {} : { userId }),
      timeoutMs: context.timeoutMs(failures),
      signal,
      ask,
    });
  }

  function derivedDevice({ kind, account }: SignIn): string {
    return deviceIdFor(runtime.knownHomeserverUrl, account?.name ?? `#${kind}`, context.sessionName);
  }

  function outcomeOf(result: KeeperResult): RenewOutcome {
    switch (result.kind) {
      case 'renewed':
        return {
          outcome: 'renewed',
          session: viewOf(result.session),
          ...(result.unpersisted && { unpersisted: true }),
        };
      case 'adopted':
        return { outcome: 'adopted', session: viewOf(result.session) };
      case 'refused':
        return { outcome: 'refused', rejection: result.rejection };
      case 'logged-out':
        context.onLoggedOut();
        return { outcome: 'trouble', why: 'another process has logged the session out' };
      case 'trouble': {
        const { kind: _, ...trouble } = result;
        return { outcome: 'trouble', ...trouble };
      }
      case 'unusable':
        runtime.noteFailure('store-unusable', result.error);
        return { outcome: 'unusable', reason: 'store-unusable' };
    }
  }

  /** An outcome that the machine no longer waits for would be lost, and the new token with it. */
  function handedOn(result: KeeperResult, signal: AbortSignal): RenewOutcome {
    if (signal.aborted && 'session' in result) context.onNewSession(result.session);
    return outcomeOf(result);
  }

  return { exchange, logIn, authorize };
}

/** Another way is left, and it needs a person. */
function withWaysLeft(outcome: RenewOutcome): RenewOutcome {
  return Object.assign({}, outcome, { waysLeft: true, canLogIn: false });
}

/** All ways to sign in were refused, or were good for once. */
const nothingLeft = { endpoint: 'login', status: 0, meaning: 'login-refused' } as const;

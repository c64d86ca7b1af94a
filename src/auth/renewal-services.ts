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
  /** What other servers are asked with. */
  readonly countedFetch: () => typeof globalThis.fetch;
  /** The homeserver, with a time limit that fits an attempt after so many failures in a row. */
  readonly homeserver: (failures: number) => Homeserver;
  /** That time limit, in ms. */
  readonly timeoutMs: (failures: number) => number;
  /** Nobody waits for the session any more: ends whatever is still asked. */
  readonly ended: AbortController;
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
export class RenewalServices implements Pick<SessionServices, 'exchange' | 'logIn' | 'authorize'> {
  readonly #context: RenewalContext;

  constructor(context: RenewalContext) {
    this.#context = context;
  }

  async exchange({ generation, failures }: Attempt, signal: AbortSignal): Promise<RenewOutcome> {
    const { runtime, keeper, ended } = this.#context;
    const result = await keeper.rotate(generation, async (refreshToken, { session }) => {
      const { kind, renewal: data = {} } = session;
      const found = await runtime.renewals.of(kind, runtime.ladder);
      if ('missing' in found) return { ok: false, rejection: found.missing };
      const renew = () =>
        found.renewal.renew(refreshToken, {
          homeserver: this.#context.homeserver(failures),
          homeserverUrl: this.#context.runtime.knownHomeserverUrl,
          fetch: this.#context.countedFetch(),
          timeoutMs: this.#context.timeoutMs(failures),
          data,
          // Once sent it has to be written, or the session is lost: only its time limit and the end of the session end it.
          signal: ended.signal,
        });
      return askedForGood(renew, 'refresh-dead', () => runtime.ladder.isExhausted);
    });
    return this.#handedOn(result, signal);
  }

  /** Tries the ways that need no person, in their order. */
  async logIn(attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome> {
    return this.#tryWays(attempt, signal, undefined);
  }

  /** Signs in with a person. Where that is refused, the ways that need none are tried after it. */
  async authorize(attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome> {
    const way = this.#ladder.next;
    return this.#tryWays(attempt, signal, way?.attended === true ? way : undefined);
  }

  /** @param person the way with a person that may be tried now */
  async #tryWays(attempt: Attempt, signal: AbortSignal, person: SignIn | undefined): Promise<RenewOutcome> {
    const missing = await this.#homeserverMissing(attempt);
    if (missing !== undefined) return { outcome: 'refused', rejection: missing };
    let outcome: RenewOutcome = { outcome: 'refused', rejection: nothingLeft };
    for (let way = this.#ladder.next; way !== undefined; way = this.#ladder.next) {
      if (way.attended && way !== person) return withWaysLeft(outcome);
      outcome = await (way.attended
        ? this.#signInWithPerson(way, attempt, signal)
        : this.#signIn(way, attempt, signal, (deviceId) =>
            this.#begin(way, deviceId, attempt, this.#context.ended.signal),
          ));
      if (this.#ladder.next === way || outcome.outcome !== 'refused' || signal.aborted) break;
    }
    return outcome;
  }

  /** No claim is held while a person takes their time: the grant is written once it is there. */
  async #signInWithPerson(way: SignIn, attempt: Attempt, signal: AbortSignal): Promise<RenewOutcome> {
    const deviceId = way.deviceId ?? this.#context.keeper.current?.deviceId ?? this.#derivedDevice(way);
    const answer = await this.#begin(
      way,
      deviceId,
      attempt,
      AbortSignal.any([signal, this.#context.ended.signal]),
    );
    return this.#signIn(way, attempt, signal, () => Promise.resolve(answer));
  }

  /** What keeps a login from being spent where there is no homeserver. It is asked only where that is in doubt. */
  async #homeserverMissing({ failures }: Attempt): Promise<Rejection | undefined> {
    if (!this.#context.runtime.homeserverDoubted) return undefined;
    const answer = await this.#context.homeserver(failures).versions({ signal: this.#context.ended.signal });
    this.#context.runtime.homeserverDoubted = !answer.ok;
    return answer.ok ? undefined : answer.rejection;
  }

  async #signIn(
    way: SignIn,
    { generation }: Attempt,
    signal: AbortSignal,
    login: (deviceId: string) => Promise<Answer<TokenGrant>>,
  ): Promise<RenewOutcome> {
    const result = await this.#context.keeper.logIn(
      generation,
      { wanted: way.deviceId, otherwise: this.#derivedDevice(way) },
      async (deviceId) => {
        const answer = await login(deviceId);
        if (answer.ok) await this.#noteName(way, answer.value.userId);
        return answer;
      },
      { attended: way.attended },
    );
    if (result.kind === 'renewed') {
      this.#ladder.succeeded(way);
      const { userId, generation: issued } = result.session;
      this.#context.runtime.signedIn = { userId, generation: issued };
    }
    if (result.kind === 'refused') {
      const { detail } = result.rejection;
      // A proxy that has no answer of the homeserver's is none, as well as a website.
      this.#context.runtime.homeserverDoubted = detail !== undefined && detail.code !== 'secret-unavailable';
    }
    const reason = result.kind === 'refused' ? failureOf(result.rejection) : undefined;
    if (reason !== undefined) {
      this.#ladder.refused(way, reason);
      if (this.#ladder.next !== undefined) this.#context.onWayRefused(way, reason);
    }
    const outcome = this.#handedOn(result, signal);
    return outcome.outcome === 'renewed' ? { ...outcome, ways: this.#ladder.waysLeft } : outcome;
  }

  /** Notes whom a name means that is not part of the user id, before the session is stored. */
  async #noteName({ account }: SignIn, userId: string | undefined): Promise<void> {
    if (account === undefined || userId === undefined || account.isUser(userId)) return;
    await this.#context.names.note(account.name, userId);
  }

  get #ladder(): SignInLadder {
    return this.#context.runtime.ladder;
  }

  #begin(way: SignIn, deviceId: string, { failures }: Attempt, signal: AbortSignal) {
    const { deviceDisplayName, refreshTokens } = this.#context;
    const { userId } = this.#context.keeper.current ?? {};
    return way.begin({
      homeserver: this.#context.homeserver(failures),
      homeserverUrl: this.#context.runtime.knownHomeserverUrl,
      fetch: this.#context.countedFetch(),
      deviceId,
      deviceDisplayName,
      refreshTokens,
      ...(userId === undefined ? {} : { userId }),
      timeoutMs: this.#context.timeoutMs(failures),
      signal,
      ask: (request) => this.#context.ask(request),
    });
  }

  #derivedDevice({ kind, account }: SignIn): string {
    return deviceIdFor(
      this.#context.runtime.knownHomeserverUrl,
      account?.name ?? `#${kind}`,
      this.#context.sessionName,
    );
  }

  #outcomeOf(result: KeeperResult): RenewOutcome {
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
        this.#context.onLoggedOut();
        return { outcome: 'trouble', why: 'another process has logged the session out' };
      case 'trouble': {
        const { kind: _, ...trouble } = result;
        return { outcome: 'trouble', ...trouble };
      }
      case 'unusable':
        this.#context.runtime.noteFailure('store-unusable', result.error);
        return { outcome: 'unusable', reason: 'store-unusable' };
    }
  }

  /** An outcome that the machine no longer waits for would be lost, and the new token with it. */
  #handedOn(result: KeeperResult, signal: AbortSignal): RenewOutcome {
    if (signal.aborted && 'session' in result) this.#context.onNewSession(result.session);
    return this.#outcomeOf(result);
  }
}

/** Another way is left, and it needs a person. */
function withWaysLeft(outcome: RenewOutcome): RenewOutcome {
  return Object.assign({}, outcome, { waysLeft: true, canLogIn: false });
}

/** All ways to sign in were refused, or were good for once. */
const nothingLeft = { endpoint: 'login', status: 0, meaning: 'login-refused' } as const;

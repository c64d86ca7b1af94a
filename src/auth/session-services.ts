import type { AskWhoami, LoginNames, SessionKeeper } from '../adapters/sessions/index.ts';
import {
  type ConnectOutcome,
  type IdentifyOutcome,
  type RestoreOutcome,
  type Trouble,
} from '../machines/auth/index.ts';
import {
  CryptoInUseError,
  CryptoMismatchError,
  type Homeserver,
  SessionStoreError,
  type StoredSession,
  viewOf,
} from '../ports/index.ts';
import { askedForGood } from './asked-for-good.ts';
import { deviceIdFor } from './device-id.ts';
import type { Attempt, SessionServices } from './hosted-machine.ts';
import type { JoinedConnect } from './joined-connect.ts';
import type { SessionRuntime } from './session-runtime.ts';

/** What the services are made of. */
export interface ServiceContext {
  readonly runtime: SessionRuntime;
  readonly keeper: SessionKeeper;
  readonly names: LoginNames;
  readonly sessionName: string;
  readonly connecting: JoinedConnect<unknown>;
  /** Another process syncs. */
  readonly passive: () => boolean;
  /** The homeserver, with a time limit that fits an attempt after so many failures in a row. */
  readonly homeserver: (failures: number) => Homeserver;
}

/** The services that read the session, ask whose it is, and make the client live with it. */
export class UsingServices implements Pick<SessionServices, 'restore' | 'identify' | 'connect'> {
  readonly #context: ServiceContext;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  #storeTrouble(error: unknown): Trouble | { outcome: 'unusable'; reason: 'store-unusable' } {
    if (!(error instanceof SessionStoreError)) throw error;
    if (!error.permanent) return { outcome: 'trouble', why: error.message };
    this.#context.runtime.noteFailure('store-unusable', error);
    return { outcome: 'unusable', reason: 'store-unusable' };
  }

  async restore(signal: AbortSignal): Promise<RestoreOutcome> {
    const { runtime, keeper } = this.#context;
    const found = await runtime.findHomeserver(signal);
    if (found.outcome === 'trouble') return found;
    runtime.loggedOut = false;
    runtime.ladder.reset();
    try {
      const { given } = runtime.ladder;
      const whoami: AskWhoami = (token, options) => this.#context.homeserver(0).whoami(token, options);
      const restored = await keeper.restore(given, whoami, { signal });
      const { waysLeft } = runtime.ladder;
      return restored.session === undefined
        ? { outcome: 'empty', ...waysLeft }
        : {
            outcome: 'restored',
            session: viewOf(restored.session),
            ...waysLeft,
            ...(restored.tokenGiven === true ? { tokenGiven: true } : {}),
            ...(restored.given === undefined ? {} : { givenToken: restored.given }),
          };
    } catch (error) {
      return this.#storeTrouble(error);
    }
  }

  async identify({ failures }: Attempt, signal: AbortSignal): Promise<IdentifyOutcome> {
    const { runtime, keeper } = this.#context;
    const session = keeper.current;
    if (session === undefined) return { outcome: 'trouble', why: 'whoami: there is no session' };
    const { accessToken, refreshToken } = session;
    const answer = await askedForGood(
      () => this.#context.homeserver(failures).whoami(accessToken, { signal }),
      'token-dead',
      () => refreshToken === undefined && runtime.ladder.isExhausted,
    );
    if (!answer.ok) return { outcome: 'refused', rejection: answer.rejection };
    const { userId, deviceId } = answer.value;
    try {
      if (!(await this.#isExpected(session, userId))) return { outcome: 'someone-else' };
      await keeper.identify(session.generation, userId, deviceId);
    } catch (error) {
      return this.#storeTrouble(error);
    }
    return { outcome: 'identified', userId, ...(deviceId === undefined ? {} : { deviceId }) };
  }

  /**
   * Whether the session may be this user's. A user name need not be part of the user id: a homeserver may sign `First.Last`
   * in as `@flast`. So what a login of this run or of an earlier one has answered counts, and so does a device that was
   * derived from that user name.
   */
  async #isExpected(session: StoredSession, userId: string): Promise<boolean> {
    const { runtime, names } = this.#context;
    if (session.userId !== undefined && session.userId !== userId) return false;
    const { ladder, signedIn } = runtime;
    if (ladder.expects(userId)) return true;
    if (signedIn?.userId === userId || signedIn?.generation === session.generation) return true;
    if (session.userId !== userId) return false;
    const accounts = ladder.accounts.map(({ name }) => name);
    return accounts.some((name) => this.#isDeviceOf(name, session)) || (await names.mean(accounts, userId));
  }

  #isDeviceOf(name: string, { deviceId }: StoredSession): boolean {
    const { runtime, sessionName } = this.#context;
    return deviceId === deviceIdFor(runtime.homeserverUrl as string, name, sessionName);
  }

  async connect({ replace }: { readonly replace: boolean }, signal: AbortSignal): Promise<ConnectOutcome> {
    const { runtime, connecting } = this.#context;
    try {
      await connecting.connect({ replace, passive: this.#context.passive(), signal });
      return { outcome: 'connected' };
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof CryptoInUseError)
        return { outcome: 'trouble', code: 'crypto-in-use', why: error.message };
      if (error instanceof CryptoMismatchError) {
        runtime.noteFailure('crypto-mismatch', error);
        return { outcome: 'unusable', reason: 'crypto-mismatch' };
      }
      // The client asks the store how far it had come, which says nothing about the client.
      if (error instanceof SessionStoreError) return this.#storeTrouble(error);
      runtime.noteFailure('client-failed', error);
      return { outcome: 'unusable', reason: 'client-failed' };
    }
  }
}

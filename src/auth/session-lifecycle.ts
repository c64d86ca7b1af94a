import type { Outbox } from '../adapters/outbox/index.ts';
import type { Leadership, RenewToEnd, SessionKeeper } from '../adapters/sessions/index.ts';
import { meaningOf, rejectionText } from '../machines/auth/index.ts';
import type { Answer, ClientPort, Homeserver, StoredSession } from '../ports/index.ts';
import { AuthStoppedError, LogoutFailedError } from './errors.ts';
import type { JoinedConnect } from './joined-connect.ts';
import type { Logger } from './options.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionRuntime } from './session-runtime.ts';
import type { Voice } from './voice/voice.ts';

export interface LifecycleOptions<Client> {
  readonly actor: SessionActor;
  readonly runtime: SessionRuntime;
  readonly keeper: SessionKeeper;
  readonly leadership: Leadership | undefined;
  readonly client: ClientPort<Client> | undefined;
  readonly connecting: JoinedConnect<Client>;
  readonly outbox: Outbox;
  readonly homeserver: (failures: number) => Homeserver;
  readonly fetch: typeof globalThis.fetch;
  /** Aborted when nobody waits for the session any more. */
  readonly ended: AbortController;
  readonly stopTimeoutMs: number;
  readonly logger: Logger;
  readonly onNewSession: (session: StoredSession) => void;
  readonly onLoggedOut: () => void;
  readonly voice: Voice;
}

/** How a session begins and ends. */
export class SessionLifecycle<Client> {
  readonly #options: LifecycleOptions<Client>;
  #unwatch: (() => void) | undefined;
  #begun = false;
  #saidUnbegun = false;
  #stopped: Promise<void> | undefined;

  constructor(options: LifecycleOptions<Client>) {
    this.#options = options;
  }

  async start(): Promise<Client> {
    const { actor, keeper, leadership, client, outbox } = this.#options;
    if (this.#stopped !== undefined) throw new AuthStoppedError();
    this.#begun = true;
    if (actor.matches('failed')) actor.send({ type: 'retry' });
    if (!actor.started) {
      await leadership?.start();
      if (this.#stopped !== undefined) throw new AuthStoppedError();
      actor.start();
      outbox.resume();
    }
    // The store may be away for a while; the watch is a hint, and the next refresh reads it anyway.
    this.#unwatch ??= keeper.watch(this.#options);
    await actor.settled();
    return client?.client as Client;
  }

  /** A message is queued. Whoever waits for it before asking for a start waits for ever, and is to know why. */
  onSend(): void {
    if (this.#begun || this.#saidUnbegun || this.#stopped !== undefined) return;
    this.#saidUnbegun = true;
    setImmediate(() => {
      if (this.#begun || this.#stopped !== undefined) return;
      this.#options.voice.sendBeforeStart();
    });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** @throws {LogoutFailedError} if the homeserver could not be told */
  async logout(): Promise<void> {
    const { runtime, keeper } = this.#options;
    runtime.loggedOut = true;
    const stopped = this.stop();
    // What the client throws at its end is for the caller, once the session has ended.
    await stopped.catch(() => undefined);
    // A session that was not started, or that another process has renewed since, is in the store.
    await keeper.adoptNewer().catch(() => undefined);
    const failures: LogoutFailedError[] = [];
    await keeper.forget(async (session, renew) => {
      const why = await this.#endAtHomeserver(session, renew);
      if (why !== undefined) failures.push(new LogoutFailedError(why, session.deviceId));
    });
    const [failed] = failures;
    if (failed !== undefined) throw failed;
    await stopped;
  }

  /** A logout was noticed: deletes what is stored, once nothing is being written any more. */
  forgetLoggedOut(): void {
    const { keeper, logger } = this.#options;
    keeper
      .settled()
      .then(() => keeper.forget())
      .catch(() =>
        logger.error(
          'matrix-auth-machine: the session was logged out, but what is stored of it could not be deleted. It is of no more use; delete it from the store.',
        ),
      );
  }

  async #stop(): Promise<void> {
    const { actor, keeper, leadership, client, connecting, ended, outbox, stopTimeoutMs, logger } =
      this.#options;
    const until = performance.now() + stopTimeoutMs;
    const left: string[] = [];
    const bounded = async (name: string, work: Promise<unknown> | undefined, share = 1): Promise<void> => {
      const inTime = await isDoneWithin(work, (until - performance.now()) * share);
      if (!inTime) left.push(name);
    };
    // Whoever calls this may be a listener, in the midst of a change: let that come to its end first.
    await Promise.resolve();
    actor.stop();
    connecting.abort();
    this.#unwatch?.();
    const unsent = outbox.stop();
    try {
      await bounded('the client', client?.stop(), 0.5);
    } finally {
      // Whoever takes over is not to meet the client still at work.
      await bounded('the leadership', leadership?.stop(), 0.5);
      await bounded('messages on their way', this.#tellUnsent(unsent), 0.5);
      const withinMs = Math.max(0, until - performance.now()) * 0.8;
      left.push(...(await keeper.close({ withinMs })).left);
      ended.abort();
      if (left.length > 0) {
        logger.warn(
          `matrix-auth-machine: stop() waited ${stopTimeoutMs} ms (option "stopTimeoutMs") and left behind: ${left.join('; ')}. What is stored of the session stays good.`,
        );
      }
    }
  }

  async #tellUnsent(unsent: Promise<number>): Promise<void> {
    const count = await unsent;
    if (count === 0) return;
    this.#options.logger.warn(
      `matrix-auth-machine: ${count} ${count === 1 ? 'message' : 'messages'} of send() could not be sent before the stop. If the session store lasts, the next process sends what is not too old by then.`,
    );
  }

  /** Says why the homeserver did not take the logout; `undefined` if it did, or knows nothing of the session any more. */
  async #endAtHomeserver(session: StoredSession, renew: RenewToEnd): Promise<string | undefined> {
    const found = await this.#options.runtime.findHomeserver(
      AbortSignal.timeout(this.#options.stopTimeoutMs),
    );
    if (found.outcome === 'trouble') return found.why;
    const { runtime, fetch } = this.#options;
    const homeserver = this.#options.homeserver(0);
    const how = await runtime.renewals.of(session.kind, runtime.ladder);
    if ('missing' in how) return rejectionText(how.missing);
    const { renewal } = how;
    const context = {
      ...{ homeserver, fetch, homeserverUrl: runtime.knownHomeserverUrl, data: session.renewal ?? {} },
      signal: new AbortController().signal,
    };
    if (renewal.end !== undefined) return whyNot(await renewal.end(session, context));
    const answer = await homeserver.logout(session.accessToken);
    if (answer.ok || meaningOf(answer.rejection) !== 'token-dead') return whyNot(answer);
    // Only the access token may have ended, and the session lives on by its refresh token.
    const renewed = await renew((refreshToken) => renewal.renew(refreshToken, context));
    if (renewed.kind === 'renewed') return whyNot(await homeserver.logout(renewed.session.accessToken));
    if (renewed.kind === 'trouble') return renewed.why;
    return meaningOf(renewed.rejection) === 'refresh-dead' ? undefined : rejectionText(renewed.rejection);
  }
}

function whyNot(answer: Answer<unknown>): string | undefined {
  return answer.ok ? undefined : rejectionText(answer.rejection);
}

/** Whether it was done in that time. @throws what it rejects with, in that time */
async function isDoneWithin(work: Promise<unknown> | undefined, ms: number): Promise<boolean> {
  if (work === undefined) return true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, ms));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

import type { ClientPort, ClientSession, ConnectOptions } from '../ports/index.ts';

interface Pending {
  readonly session: ClientSession;
  readonly passive: boolean;
  readonly done: Promise<void>;
  readonly abort: AbortController;
}

interface ConnectContext<Client> {
  readonly client: ClientPort<Client> | undefined;
  /** The session as it is now. */
  clientSession(): ClientSession;
}

/**
 * Makes a client live. A first sync may last longer than a token does, so a change of the token does not end it: who
 * asks again for the same device waits for the same promise, and then gives the client the newest token in place.
 */
export class JoinedConnect<Client> {
  readonly #context: ConnectContext<Client>;
  #pending: Pending | undefined;

  constructor(context: ConnectContext<Client>) {
    this.#context = context;
  }

  /**
   * @param options.signal ends the wait; the client goes on to be made, unless {@link abort} ends that
   * @throws whatever the client throws; the signal's reason
   */
  async connect({ replace, passive, signal }: ConnectOptions): Promise<void> {
    if (this.#context.client === undefined) return;
    let pending = this.#joinable(replace, passive) ?? this.#begin(replace, passive);
    await untilAborted(pending.done, signal);
    while (!pending.session.accessToken.equals(this.#context.clientSession().accessToken)) {
      pending = this.#joinable(false, passive) ?? this.#begin(false, passive);
      await untilAborted(pending.done, signal);
    }
  }

  /** Ends what is pending: nobody wants the client any more, or another one. */
  abort(): void {
    this.#pending?.abort.abort();
    this.#pending = undefined;
  }

  #joinable(replace: boolean, passive: boolean): Pending | undefined {
    const pending = this.#pending;
    const same =
      pending?.session.deviceId === this.#context.clientSession().deviceId && pending?.passive === passive;
    return same && !replace ? pending : undefined;
  }

  #begin(replace: boolean, passive: boolean): Pending {
    this.abort();
    const session = this.#context.clientSession();
    const abort = new AbortController();
    const done = (this.#context.client as ClientPort<Client>).connect(session, {
      replace,
      passive,
      signal: abort.signal,
    });
    const pending: Pending = { session, passive, done, abort };
    const over = () => {
      if (this.#pending === pending) this.#pending = undefined;
    };
    done.then(over, over);
    this.#pending = pending;
    return pending;
  }
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

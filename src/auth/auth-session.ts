import { type CredentialOptions, credentials as credentialsOf } from '../adapters/credentials/index.ts';
import type { SendOptions, Sent } from '../adapters/outbox/index.ts';
import type { AuthSnapshot } from '../observe/index.ts';
import { inspectCustom, type SignIn } from '../ports/index.ts';
import { bindWhenAsked } from './bind-when-asked.ts';
import { CannotRenewError } from './errors.ts';
import type { MatrixAuthEvents } from './events.ts';
import type { MatrixAuth } from './matrix-auth.ts';
import { publishFrames } from './publish-frames.ts';
import type { SessionParts } from './session-parts.ts';
import { isWays, SignInLadder } from './sign-in-ladder.ts';

/** A session as its bot sees it. */
export class AuthSession<Client> implements MatrixAuth<Client> {
  readonly #parts: SessionParts<Client>;
  #publishes = false;

  constructor(parts: SessionParts<Client>) {
    this.#parts = parts;
  }

  start(): Promise<Client> {
    return this.#parts.lifecycle.start();
  }

  stop(): Promise<void> {
    return this.#parts.lifecycle.stop();
  }

  logout(): Promise<void> {
    return this.#parts.lifecycle.logout();
  }

  run<T>(
    work: (client: Client) => T | Promise<T>,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    return this.#parts.run(() => work(this.#parts.client?.client as Client), signal);
  }

  withTokenRefresh<Args extends readonly unknown[], T>(
    work: (...args: Args) => T | Promise<T>,
  ): (...args: Args) => Promise<T> {
    return (...args) => this.#parts.run(() => work(...args));
  }

  get fetch(): typeof globalThis.fetch {
    return this.#parts.requests.fetch;
  }

  send(roomId: string, content: Readonly<Record<string, unknown>>, how?: SendOptions): Promise<Sent> {
    this.#parts.lifecycle.onSend();
    return this.#parts.outbox.send(roomId, content, how);
  }

  accessToken(): Promise<string> {
    return this.#parts.requests.accessToken();
  }

  async refresh(): Promise<void> {
    const { requests, actor } = this.#parts;
    await requests.untilLive();
    const before = actor.context.session?.generation;
    actor.send({ type: 'refresh' });
    await actor.settled();
    if (actor.context.session?.generation === before) throw new CannotRenewError();
  }

  retry(): void {
    this.#parts.actor.send({ type: 'retry' });
  }

  provideCredentials(given: CredentialOptions | SignIn | readonly SignIn[]): void {
    const { runtime, actor } = this.#parts;
    runtime.ladder = new SignInLadder(isWays(given) ? given : credentialsOf(given));
    const token = runtime.ladder.given.accessToken !== undefined;
    actor.send({ type: 'credentials.provided', ...runtime.ladder.waysLeft, token });
  }

  on<Type extends keyof MatrixAuthEvents>(
    type: Type,
    handler: (event: MatrixAuthEvents[Type]) => void,
  ): () => void {
    if (type === 'frame' && !this.#publishes) {
      this.#publishes = true;
      publishFrames(this, this.#parts.sessionName, this.#parts.listeners);
    }
    return this.#parts.listeners.on(type, handler);
  }

  subscribe(handler: (snapshot: AuthSnapshot) => void): () => void {
    handler(this.snapshot());
    return this.#parts.listeners.on('state', handler);
  }

  snapshot(): AuthSnapshot {
    return this.#parts.actor.snapshot();
  }

  get homeserver(): string | undefined {
    return this.#parts.runtime.homeserverUrl;
  }

  get held(): number {
    return this.#parts.requests.held;
  }

  get outgoing(): MatrixAuth<Client>['outgoing'] {
    const { length, oldestAt, delivered } = this.#parts.outbox;
    return { length, oldestAt, delivered };
  }

  get received(): number {
    return this.#parts.received;
  }

  get client(): Client | undefined {
    return this.#parts.client?.client;
  }

  get actor(): MatrixAuth<Client>['actor'] {
    return this.#parts.actor.ref;
  }

  /** What is printed of a session is its state; the client, for one, holds its token in plain sight. */
  [inspectCustom](): unknown {
    return { MatrixAuth: this.snapshot() };
  }

  toJSON(): unknown {
    return this.snapshot();
  }
}

bindWhenAsked(AuthSession);

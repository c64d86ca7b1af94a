import { createHash } from 'node:crypto';
import type { MatrixClient } from 'matrix-js-sdk';
import {
  type Change,
  type Claim,
  type ClaimOptions,
  type ClientPort,
  memorySessions,
  type RecordKind,
  type SessionRecords,
  type SessionStore,
} from '../../src/index.ts';
import type { Turnstile } from './turnstile.ts';

/** A session store whose work is held, and that fails on demand. */
export class HeldStore implements SessionStore {
  /** The records, for whoever is another process. */
  readonly records: SessionStore;
  /** What every access meets, until the session is in its next state. */
  fault: Error | undefined;
  /** The service that renews the session now: what it begins is brought to its end, however long that takes. */
  renewal: () => unknown = () => undefined;
  #begun: unknown;
  readonly #turnstile: Turnstile;
  readonly #listeners = new Set<() => void>();
  #hinting = false;

  constructor(turnstile: Turnstile, records: SessionStore = memorySessions()) {
    this.#turnstile = turnstile;
    this.records = records;
  }

  async read<K extends RecordKind>(name: string, kind: K): Promise<SessionRecords[K] | undefined> {
    if (!this.#hinting) await this.#mayGoOn();
    return await this.records.read(name, kind);
  }

  async update<K extends RecordKind, T>(
    name: string,
    kind: K,
    change: (record: SessionRecords[K] | undefined) => Change<K, T>,
  ): Promise<T> {
    await this.#mayGoOn();
    return await this.records.update(name, kind, change);
  }

  async claim(name: string, options: ClaimOptions): Promise<Claim> {
    await this.#mayGoOn();
    return await this.records.claim(name, options);
  }

  list = () => this.records.list();
  delete = (name: string) => this.records.delete(name);
  close = () => this.records.close();

  watch(_: string, listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the session that another process has changed its record. */
  hint(): void {
    this.#hinting = true;
    for (const listener of this.#listeners) listener();
    this.#hinting = false;
  }

  async #mayGoOn(): Promise<void> {
    // A renewal begins with the store, before anybody else comes to it.
    const renewal = this.renewal();
    const begins = renewal !== undefined && renewal !== this.#begun;
    this.#begun = renewal;
    await this.#turnstile.pass(begins);
    if (this.fault !== undefined) throw this.fault;
  }
}

/** A client that is connected when it may be. Without an inner one it is a session that no client uses. */
export class HeldClient implements ClientPort<MatrixClient> {
  readonly #inner: ClientPort<MatrixClient> | undefined;
  readonly #turnstile: Turnstile;
  /** What the next connection meets: the store that knows how far the client had come. */
  fault: Error | undefined;
  /** What the client says when its sync loop has ended. */
  die: () => void = () => {};

  constructor(inner: ClientPort<MatrixClient> | undefined, turnstile: Turnstile) {
    this.#inner = inner;
    this.#turnstile = turnstile;
  }

  get client(): MatrixClient | undefined {
    return this.#inner?.client;
  }

  async connect(...[session, options]: Parameters<ClientPort<MatrixClient>['connect']>): Promise<void> {
    this.die = session.onDied;
    await this.#turnstile.pass();
    options.signal.throwIfAborted();
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw fault;
    await this.#inner?.connect(session, options);
  }

  suspend = async () => await this.#inner?.suspend();
  stop = async () => await this.#inner?.stop();
}

const WHOAMI = '/account/whoami';

/** A request as it left the session. */
interface Sent {
  readonly path: string;
  readonly token: string | undefined;
}

/** The way to the homeserver: requests of the services are held, and all are looked at. */
export class HeldFetch {
  readonly sent: Sent[] = [];
  /** Fingerprints of access tokens that were refused as unknown, until `whoami` takes them. */
  readonly refused = new Set<string>();
  /** Those that `whoami` refused. */
  readonly provenDead = new Set<string>();
  /** Those that `whoami` took. */
  readonly takenByWhoami = new Set<string>();
  readonly fetch: typeof globalThis.fetch;

  constructor(turnstile: Turnstile) {
    this.fetch = async (input, init) => {
      const request = new Request(input, init);
      const path = new URL(request.url).pathname.replace('/_matrix/client/v3', '');
      if (/^\/(account\/whoami|login|refresh)$/.test(path)) await turnstile.pass();
      request.signal.throwIfAborted();
      const bearer = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
      const token = bearer === undefined ? undefined : printOf(bearer);
      this.sent.push({ path, token });
      const response = await fetch(input, init);
      if (response.status === 401 && token !== undefined) {
        const { errcode } = (await response.clone().json()) as { readonly errcode?: unknown };
        if (errcode === 'M_UNKNOWN_TOKEN') {
          this.refused.add(token);
          if (path === WHOAMI) this.provenDead.add(token);
        }
      }
      if (response.ok && token !== undefined && path === WHOAMI) {
        this.refused.delete(token);
        this.takenByWhoami.add(token);
      }
      return response;
    };
  }
}

export const printOf = (token: string) => createHash('sha256').update(token).digest('hex').slice(0, 8);

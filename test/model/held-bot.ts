import { setTimeout as delay } from 'node:timers/promises';
import type { MatrixClient, MatrixEvent, Room } from 'matrix-js-sdk';
import { HttpApiEvent, RoomEvent } from 'matrix-js-sdk';
import { vi } from 'vitest';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { hostedMachine } from '../../src/auth/hosted-machine.ts';
import {
  createMatrixAuth,
  type Credentials,
  type MatrixAuth,
  memorySessions,
  Secret,
  type SessionStore,
} from '../../src/index.ts';
import { transitionsOf } from '../../src/statechart/structure.ts';
import type { HeldClock } from '../machines/auth/held-clock.ts';
import { quietLogger } from '../support/bot.ts';
import { logInElsewhere } from './elsewhere.ts';
import { HeldClient, HeldFetch, HeldStore, printOf } from './held-ports.ts';
import { holdClock } from './held-wall-clock.ts';
import { type Account, DEVICE, type Stage } from './stage.ts';
import { Turnstile } from './turnstile.ts';

const STEP_LIMIT_MS = 10_000;
const SESSION = 'default';
/** What the bot asks when its token is to be refused. */
export const REFUSED_PATH = '/_matrix/client/v3/joined_rooms';

/** The transitions of the module's machine, to their ids. */
const edgeOf = new Map<unknown, string>(
  transitionsOf(hostedMachine).map(({ definition, id }) => [definition, id]),
);

/** How the bot of a walk is made. */
export interface Cast {
  readonly stage: Stage;
  readonly account: Account;
  readonly credentials: Credentials;
  /** Without a client nothing proves a token but the walk itself. */
  readonly withoutClient: boolean;
  /** The stored session names its device; otherwise `whoami` has to, and it is stored then. */
  readonly knowsDevice: boolean;
  /** The homeserver's clock is behind: a token that has expired by the bot's own is good there. */
  readonly homeserverIsLate: boolean;
  /** What is left of a bot that was killed. */
  readonly left?: Remains;
}

/** What outlives a bot's process. */
export interface Remains {
  readonly records: SessionStore;
  /** The messages that it handled. */
  readonly handled: string[];
}

/** The whole module with a client of matrix-js-sdk, on a homeserver, with its services and its timers held. */
export class HeldBot {
  readonly stage: Stage;
  readonly account: Account;
  readonly auth: MatrixAuth<MatrixClient>;
  readonly knowsDevice: boolean;
  readonly homeserverIsLate: boolean;
  readonly turnstile = new Turnstile();
  readonly store: HeldStore;
  readonly http = new HeldFetch(this.turnstile);
  readonly client: HeldClient;
  readonly clock: HeldClock;
  /** The types of the events that the machine was sent. */
  readonly events: string[] = [];
  /** The ids of the transitions that the machine took. */
  readonly edges = new Set<string>();
  /** The state values it went through, as text. */
  readonly values: string[] = [];
  /** The live messages that the bot's handler met. */
  readonly handled: string[];
  /** What was printed of it. */
  readonly printed: string[] = [];
  /** Fingerprints of the tokens that the session knows to be dead. */
  readonly knownDead = new Set<string>();
  /** Every token and password that there was. */
  readonly secrets = new Set<string>();
  /** What the bot asked while its token was refused, until it is answered. */
  readonly asked: Promise<number | string>[] = [];
  /** What it asked and one wrong answer refused. */
  readonly askedInVain: Promise<number | string>[] = [];
  /** What is asked is given up as soon as it was refused, so that nothing proves the next token. */
  givesUp = false;
  /** The next refusal is one wrong answer on the way: the token is good. */
  fooled = false;
  /** The generations whose token has expired at the homeserver. */
  readonly expired = new Set<number>();
  /** It was given a token while it ran: a session that is found then is that token's. */
  givenToken = false;
  #service: unknown;
  #dead: MatrixClient | undefined;
  #resetClock: () => void = () => {};
  #stopping: Promise<void> | undefined;
  #killed = false;
  readonly #goesOn: boolean;
  /** What the bot's own set-up throws. */
  setUpThrows: Error | undefined;

  constructor({ stage, account, credentials, withoutClient, knowsDevice, homeserverIsLate, left }: Cast) {
    this.store = new HeldStore(this.turnstile, left?.records);
    this.handled = left?.handled ?? [];
    this.#goesOn = left !== undefined;
    this.knowsDevice = knowsDevice;
    this.homeserverIsLate = homeserverIsLate;
    this.stage = stage;
    this.account = account;
    this.clock = holdClock();
    const sdk = matrixJsSdk({
      create: { logger: quietLogger },
      start: { pollTimeout: 5_000 },
      onClient: (client) => {
        if (this.setUpThrows !== undefined) throw this.setUpThrows;
        client.on(RoomEvent.Timeline, (event: MatrixEvent, _: Room | undefined, toStart?: boolean) => {
          if (!toStart && !this.#killed && event.getType() === 'm.room.message') {
            this.handled.push(event.getContent()['body'] as string);
          }
        });
      },
    });
    this.client = new HeldClient(withoutClient ? undefined : sdk, this.turnstile);
    const note = (line: string) => this.printed.push(line);
    this.auth = createMatrixAuth({
      homeserver: stage.proxy.url,
      credentials,
      client: this.client,
      sessions: this.store,
      sessionName: SESSION,
      fetch: this.http.fetch,
      logger: { warn: note, error: note },
      inspect: (event) => {
        if (event.type === '@xstate.event' && event.actorRef === this.auth.actor) {
          this.events.push(event.event.type);
        }
        if (event.type === '@xstate.microstep' && event.actorRef === this.auth.actor) {
          for (const transition of event._transitions) {
            const edge = edgeOf.get(transition);
            if (edge !== undefined) this.edges.add(edge);
          }
        }
      },
    });
    this.clock.actor = this.auth.actor;
    this.store.renewal = () => {
      const { exchange, logIn } = this.snapshot.children;
      return exchange ?? logIn;
    };
    this.auth.actor.subscribe((snapshot) => {
      const service = Object.values(snapshot.children).find((child) => child !== undefined);
      if (service !== this.#service || service === undefined) {
        this.#service = service;
        this.turnstile.next({ closed: service !== undefined });
      }
      const value = JSON.stringify(snapshot.value);
      if (value === this.values.at(-1)) return;
      this.values.push(value);
      this.store.fault = undefined;
      note(JSON.stringify([this.auth.snapshot(), this.auth.actor.getPersistedSnapshot()]));
    });
  }

  get snapshot() {
    return this.auth.actor.getSnapshot();
  }

  get generation(): number {
    return this.snapshot.context.session?.generation ?? 0;
  }

  /** The access token in use. */
  async accessToken(): Promise<string> {
    const record = await this.store.records.read(SESSION, 'session');
    return record?.session?.accessToken.reveal() ?? this.account.tokens.access_token;
  }

  /** What another process does that has the same store: it writes the pair that it was given. */
  async write(
    tokens: { readonly access_token: string; readonly refresh_token?: string },
    more: {
      readonly deviceId?: string | undefined;
      readonly expiresAt?: number;
      readonly given?: string;
    } = {},
  ): Promise<void> {
    const now = Date.now();
    const { deviceId, expiresAt = now + 300_000, given } = more;
    await this.store.records.update(SESSION, 'session', (record) => ({
      record: {
        ...record,
        ...(given === undefined ? {} : { given }),
        session: {
          userId: this.account.userId,
          ...(deviceId === undefined ? {} : { deviceId }),
          generation: (record?.session?.generation ?? 0) + 1,
          accessToken: new Secret(tokens.access_token),
          ...(tokens.refresh_token === undefined ? {} : { refreshToken: new Secret(tokens.refresh_token) }),
          obtainedAt: Math.min(now, expiresAt - 300_000),
          expiresAt,
        },
      },
      result: undefined,
    }));
  }

  /** Puts a first session where the session will look for it. */
  async writeFirst({ given = this.givenToken, expired = false } = {}): Promise<void> {
    if (this.#goesOn) return;
    if ((await this.store.records.read(SESSION, 'session'))?.session !== undefined) {
      await logInElsewhere(this);
      return;
    }
    const { tokens } = this.account;
    await this.write(tokens, {
      deviceId: this.knowsDevice ? DEVICE : undefined,
      ...(expired ? { expiresAt: Date.now() - 1_000 } : {}),
      ...(given ? { given: printOf(tokens.access_token) } : {}),
    });
  }

  async refreshToken(): Promise<string> {
    const record = await this.store.records.read(SESSION, 'session');
    return record?.session?.refreshToken?.reveal() ?? '';
  }

  /** The refresh token that was spent for the present pair is kept. */
  async hasSpare(): Promise<boolean> {
    return (await this.store.records.read(SESSION, 'session'))?.session?.previous !== undefined;
  }

  /** The access token in use expires at the homeserver. */
  async expire(): Promise<void> {
    this.expired.add(this.generation);
    this.stage.expire(this.account.userId, await this.accessToken());
  }

  get tokenIsDead(): boolean {
    return this.expired.has(this.generation);
  }

  /** The bot asks the homeserver something, and waits as long as it has to for the answer. */
  ask(): void {
    const giveUp = new AbortController();
    const url = `${this.stage.proxy.url}${REFUSED_PATH}`;
    const from = this.values.length;
    const answer = this.auth.fetch(url, { signal: giveUp.signal }).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof Error ? error.name : 'rejected'),
    );
    if (this.givesUp) {
      void this.until(
        () => 'The refusal was not met.',
        () => this.values.length > from,
      ).finally(() => giveUp.abort());
    } else (this.fooled ? this.askedInVain : this.asked).push(answer);
  }

  /** The clock goes on; the token's lifetime is five minutes. */
  passTime(ms: number): void {
    const now = Date.now.bind(Date);
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
    this.#resetClock = () => clock.mockRestore();
  }

  /** As if its process were killed: nothing that it had begun goes on, and no timer goes off any more. */
  async kill(): Promise<Remains> {
    this.#killed = true;
    this.#resetClock();
    this.turnstile.breakDown();
    this.client.client?.stopClient();
    // Whoever was in the midst of a change of a record leaves it as it was.
    const records = memorySessions();
    for (const kind of ['session', 'position', 'leader', 'logins', 'given', 'logout'] as const) {
      const record = await this.store.records.read(SESSION, kind);
      await records.update(SESSION, kind, () => ({ ...(record && { record }), result: undefined }));
    }
    return { records, handled: this.handled };
  }

  stop(): Promise<void> {
    this.#resetClock();
    this.turnstile.openForGood();
    this.#stopping ??= this.auth.stop();
    return this.#stopping;
  }

  /** A client's sync loop ends once. */
  get clientCanDie(): boolean {
    return this.client.client === undefined || this.client.client !== this.#dead;
  }

  /** The sync loop of the client ends, as the SDK says it. */
  clientDies(): void {
    const { client } = this.client;
    this.#dead = client;
    if (client === undefined) this.client.die();
    else client.emit(HttpApiEvent.SessionLoggedOut, new Error('signed out') as never);
  }

  async until(what: () => string, done: () => boolean): Promise<void> {
    for (const end = Date.now() + STEP_LIMIT_MS; !done(); await delay(2)) {
      if (Date.now() > end) throw new Error(what());
    }
  }
}

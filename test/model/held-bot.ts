import { setTimeout as delay } from 'node:timers/promises';
import type { MatrixClient, MatrixEvent, Room } from 'matrix-js-sdk';
import { HttpApiEvent, RoomEvent } from 'matrix-js-sdk';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth, type Credentials, type MatrixAuth, Secret } from '../../src/index.ts';
import type { HeldClock } from '../machines/held-clock.ts';
import { quietLogger } from '../support/bot.ts';
import { HeldClient, HeldFetch, HeldStore } from './held-ports.ts';
import { holdClock } from './held-wall-clock.ts';
import type { Account, Stage } from './stage.ts';
import { Turnstile } from './turnstile.ts';

const STEP_LIMIT_MS = 10_000;
const SESSION = 'default';

/** How the bot of a walk is made. */
export interface Cast {
  readonly stage: Stage;
  readonly account: Account;
  readonly credentials: Credentials;
  /** Without a client nothing proves a token but the walk itself. */
  readonly withoutClient: boolean;
}

/** The whole module with a client of matrix-js-sdk, on a homeserver, with its services and its timers held. */
export class HeldBot {
  readonly stage: Stage;
  readonly account: Account;
  readonly auth: MatrixAuth<MatrixClient>;
  readonly turnstile = new Turnstile();
  readonly store = new HeldStore(this.turnstile);
  readonly http = new HeldFetch(this.turnstile);
  readonly client: HeldClient;
  readonly clock: HeldClock;
  /** The types of the events that the machine was sent. */
  readonly events: string[] = [];
  /** The state values it went through, as text. */
  readonly values: string[] = [];
  /** The live messages that the bot's handler met. */
  readonly handled: string[] = [];
  /** What was printed of it. */
  readonly printed: string[] = [];
  /** What the bot's own set-up throws. */
  setUpThrows: Error | undefined;

  constructor({ stage, account, credentials, withoutClient }: Cast) {
    this.stage = stage;
    this.account = account;
    this.clock = holdClock();
    const sdk = matrixJsSdk({
      create: { logger: quietLogger },
      start: { pollTimeout: 5_000 },
      onClient: (client) => {
        if (this.setUpThrows !== undefined) throw this.setUpThrows;
        client.on(RoomEvent.Timeline, (event: MatrixEvent, _: Room | undefined, toStart?: boolean) => {
          if (!toStart && event.getType() === 'm.room.message') {
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
      },
    });
    this.clock.actor = this.auth.actor;
    this.auth.actor.subscribe((snapshot) => {
      const value = JSON.stringify(snapshot.value);
      if (value === this.values.at(-1)) return;
      this.values.push(value);
      this.store.fault = undefined;
      const busy = Object.values(snapshot.children).some((child) => child !== undefined);
      if (busy) this.turnstile.close();
      else this.turnstile.open();
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
    const record = await this.store.records.read(SESSION);
    return record?.session?.accessToken.reveal() ?? this.account.tokens.access_token;
  }

  /** What another process does that has the same store: it writes the pair that it was given. */
  async write(
    tokens: { readonly access_token: string; readonly refresh_token?: string },
    more: { readonly deviceId?: string | undefined; readonly expiresAt?: number; readonly given?: string } = {},
  ): Promise<void> {
    const now = Date.now();
    const { deviceId, expiresAt = now + 300_000, given } = more;
    await this.store.records.transact(SESSION, async (record) => ({
      record: {
        ...record,
        ...(given === undefined ? {} : { given }),
        session: {
          userId: this.account.userId,
          ...(deviceId === undefined ? {} : { deviceId }),
          generation: (record?.session?.generation ?? 0) + 1,
          accessToken: new Secret(tokens.access_token),
          ...(tokens.refresh_token === undefined
            ? {}
            : { refreshToken: new Secret(tokens.refresh_token) }),
          obtainedAt: Math.min(now, expiresAt - 300_000),
          expiresAt,
        },
      },
      result: undefined,
    }));
  }

  async refreshToken(): Promise<string> {
    const record = await this.store.records.read(SESSION);
    return record?.session?.refreshToken?.reveal() ?? '';
  }

  /** The sync loop of the client ends, as the SDK says it. */
  clientDies(): void {
    const { client } = this.client;
    if (client === undefined) this.client.die();
    else client.emit(HttpApiEvent.SessionLoggedOut, new Error('signed out') as never);
  }

  async until(what: () => string, done: () => boolean): Promise<void> {
    for (const end = Date.now() + STEP_LIMIT_MS; !done(); await delay(2)) {
      if (Date.now() > end) throw new Error(what());
    }
  }
}

import { createHomeserver, type Discovery, discoverHomeserver } from '../adapters/homeserver/index.ts';
import {
  type Leadership,
  LoginNames,
  memorySessions,
  type SessionKeeper,
} from '../adapters/sessions/index.ts';
import { defaultCredentials } from '../adapters/credentials/index.ts';
import type { Outbox } from '../adapters/outbox/index.ts';
import type { AuthEmitted, FailureReason } from '../machines/auth/index.ts';
import {
  type AuthorizationRequest,
  type ClientPort,
  type ClientSession,
  type Homeserver,
  type SessionStore,
  type SignIn,
  type StoredSession,
  viewOf,
} from '../ports/index.ts';
import { clientSessionOf } from './client-session.ts';
import { devicesOf, type FleetDevices, fleetSchedule, SessionTurns, trafficOf } from './fleet/index.ts';
import { ForwardedEvents } from './forward-events.ts';
import { homeserverAddress } from './homeserver-address.ts';
import { bindServices } from './hosted-machine.ts';
import { JoinedConnect } from './joined-connect.ts';
import { Listeners } from './listeners.ts';
import { makeKeeper, makeLeadership } from './make-keeper.ts';
import { makeOutbox } from './make-outbox.ts';
import type { MatrixAuthOptions } from './options.ts';
import { RenewalServices } from './renewal-services.ts';
import { type ActorOwner, SessionActor, type StateNow } from './session-actor.ts';
import { SessionLifecycle } from './session-lifecycle.ts';
import { SessionRequests } from './session-requests.ts';
import { SessionRuntime } from './session-runtime.ts';
import { UsingServices } from './session-services.ts';
import { SignInLadder } from './sign-in-ladder.ts';
import { askPerson, tellWayRefused } from './sign-in-notices.ts';
import { FullLogger } from './voice/logger.ts';
import { RequestsUnderWay } from './voice/requests-under-way.ts';
import { Voice } from './voice/voice.ts';
import { WatchedServices } from './voice/watched-services.ts';

/** A request after many failures in a row may take this many times as long as the first one. */
const LONGEST_PATIENCE = 6;

/** As many requests may wait, and as long, as by default. */
const unlimited = {};

/**
 * What one session is made of, and what its parts ask of each other. A process may have very many sessions, so these are
 * methods, which all sessions share, and not functions made for each.
 */
export class SessionParts<Client> implements ActorOwner {
  readonly store: SessionStore;
  readonly sessionName: string;
  readonly deviceDisplayName: string;
  readonly refreshTokens: boolean;
  readonly requestTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly fetch: typeof globalThis.fetch;
  readonly client: ClientPort<Client> | undefined;
  readonly logger: FullLogger;
  readonly asked = new RequestsUnderWay();
  readonly listeners: Listeners;
  readonly runtime: SessionRuntime;
  readonly actor: SessionActor;
  readonly turns: SessionTurns | undefined;
  readonly devices: FleetDevices | undefined;
  readonly voice: Voice;
  readonly keeper: SessionKeeper;
  readonly leadership: Leadership | undefined;
  readonly requests: SessionRequests;
  readonly outbox: Outbox;
  readonly connecting: JoinedConnect<Client>;
  readonly lifecycle: SessionLifecycle<Client>;
  /** Aborted when nobody waits for the session any more. */
  readonly ended = new AbortController();
  /** How many messages of others the client has been given. */
  received = 0;
  readonly #forwarded: ForwardedEvents;
  #wasLive = false;

  constructor(options: MatrixAuthOptions<Client>) {
    const {
      credentials = defaultCredentials(options.sessions !== undefined),
      sessions = memorySessions(),
      sessionName = 'default',
      fleet,
      schedule,
      inspect,
    } = options;
    this.store = sessions;
    this.sessionName = sessionName;
    this.client = options.client;
    this.refreshTokens = options.refreshTokens ?? true;
    this.deviceDisplayName = options.deviceDisplayName ?? 'matrix-auth-machine';
    this.fetch = options.fetch ?? globalThis.fetch;
    this.requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
    this.stopTimeoutMs = options.stopTimeoutMs ?? 5_000;
    this.logger = new FullLogger(options.logger);
    this.runtime = new SessionRuntime(
      homeserverAddress(options.homeserver),
      new SignInLadder(credentials),
      this,
    );
    this.listeners = new Listeners(this.logger);
    this.actor = new SessionActor({
      schedule: fleet === undefined ? schedule : { ...fleetSchedule, ...schedule },
      inspect,
      runtime: this.runtime,
      owner: this,
    });
    this.#forwarded = new ForwardedEvents(this);
    const traffic = fleet && trafficOf(fleet);
    this.turns =
      traffic &&
      new SessionTurns({
        urgent: () => this.urgent(),
        traffic: () => traffic(this.runtime.knownHomeserverUrl),
      });
    this.devices = fleet && devicesOf(fleet);
    this.voice = new Voice(this);
    this.keeper = makeKeeper(options, { store: sessions, name: sessionName, urgent: () => this.urgent() });
    this.leadership = makeLeadership(options, {
      store: sessions,
      name: sessionName,
      onChange: (leading) => this.#leadershipChanged(leading),
    });
    this.requests = new SessionRequests(
      this,
      options.maxHeld === undefined && options.maxHeldMs === undefined ? unlimited : options,
    );
    this.outbox = makeOutbox(options, this);
    this.connecting = new JoinedConnect(this);
    const services = new WatchedServices(new UsingServices(this), new RenewalServices(this), this.voice);
    bindServices(this.actor.ref, services);
    this.lifecycle = new SessionLifecycle(this);
  }

  onChange(): void {
    this.requests.update();
    const live = this.actor.gateState('live') === 'open';
    // What waits for something else, such as the homeserver, goes on to wait.
    if (live && !this.#wasLive) this.outbox.wake();
    this.#wasLive = live;
  }

  onState(now: StateNow): void {
    const { state, reason } = now;
    if (state === 'failed') this.client?.suspend().catch(() => undefined);
    if (this.listeners.has('state')) this.listeners.emit('state', this.actor.snapshot());
    this.turns?.update();
    this.voice.cameInto(now);
    if (state === 'failed') this.connecting.abort();
    if (reason !== 'logged-out') return;
    this.outbox.forget('the session was logged out');
    this.lifecycle.forgetLoggedOut();
  }

  onEmitted(event: AuthEmitted): void {
    if (event.type === 'logged-in' || event.type === 'device-changed') this.outbox.doubt();
    try {
      this.#forwarded.forward(event);
    } finally {
      this.voice.heard(event);
    }
  }

  /** Whether requests of the bot wait for a token. */
  urgent(): boolean {
    return this.actor.gateState('usable') !== 'open';
  }

  /** Whom the homeserver has signed in by which name. */
  get names(): LoginNames {
    return new LoginNames(this.store, this.sessionName);
  }

  /** Looks up where the homeserver of a server name is. */
  discover(serverName: string, signal: AbortSignal): Promise<Discovery> {
    return this.asked.during(discoverHomeserver(serverName, { fetch: this.fetch, signal }));
  }

  /** Another process syncs. */
  passive(): boolean {
    return this.leadership?.leading === false;
  }

  /** How long a request may take after so many failures in a row, in ms. */
  timeoutMs(failures: number): number {
    return this.requestTimeoutMs * Math.min(2 ** failures, LONGEST_PATIENCE);
  }

  /** The homeserver, with a time limit that fits an attempt after so many failures in a row. */
  homeserver(failures: number): Homeserver {
    const { fetch } = this;
    const url = this.runtime.knownHomeserverUrl;
    return this.asked.to(createHomeserver({ url, fetch, timeoutMs: this.timeoutMs(failures) }));
  }

  /** The same `fetch`; what is asked with it counts as asked of the homeserver. */
  countedFetch(): typeof globalThis.fetch {
    return this.asked.by(this.fetch);
  }

  /** A person has to do something. */
  ask(request: AuthorizationRequest): void {
    askPerson(request, this);
  }

  /** A way to sign in was refused, and another one is left. */
  onWayRefused(way: SignIn, reason: FailureReason): void {
    tellWayRefused(way, reason, this.logger);
  }

  /** There is a newer session, and the machine was not waiting for it. */
  onNewSession(session: StoredSession): void {
    if (!this.runtime.loggedOut) this.actor.send({ type: 'session.adopted', session: viewOf(session) });
  }

  /** Another process has logged the session out, or the bot has. */
  onLoggedOut(): void {
    this.runtime.loggedOut = true;
    this.actor.send({ type: 'logged.out' });
  }

  /** Runs `work` with the live client, and again from its start when it failed for its token. */
  run<T>(work: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.requests.run(work, {
      signal,
      restoreToken: () =>
        this.connecting.connect({ replace: false, passive: this.passive(), signal: this.ended.signal }),
    });
  }

  #leadershipChanged(leading: boolean): void {
    if (this.actor.started) this.actor.send({ type: 'leadership.changed' });
    this.listeners.emit('leader', { type: 'leader', leading });
  }

  /** The session as the client is to see it now. */
  clientSession(): ClientSession {
    const { runtime, keeper, requests, voice, outbox } = this;
    return clientSessionOf({
      ...{ runtime, keeper, fetch: requests.fetch },
      onDied: () => this.actor.send({ type: 'client.died' }),
      onTrouble: (trouble) => voice.clientTroubled(trouble),
      onProgress: () => voice.syncMoves(),
      onMessage: () => {
        this.received += 1;
      },
      unsettled: () => outbox.sentIds.rememberAll(),
      settled: () => outbox.sentIds.settled(),
    });
  }
}

import { proxyNote } from '../../adapters/homeserver/index.ts';
import type { MessageOutcome } from '../../adapters/outbox/index.ts';
import type { AuthEmitted, FailureReason } from '../../machines/auth/index.ts';
import type { ClientTrouble, QueuedMessage } from '../../ports/index.ts';
import type { FleetDevices, SessionTurns } from '../fleet/index.ts';
import type { Listeners } from '../listeners.ts';
import type { SessionActor, StateNow } from '../session-actor.ts';
import type { SessionRuntime } from '../session-runtime.ts';
import type { Diagnosis, SessionTroubleCode } from './codes.ts';
import { diagnose, ofClient, ofMessage } from './diagnose.ts';
import { renewedLine, signedInLine } from './good-lines.ts';
import type { FullLogger } from './logger.ts';
import type { RequestsUnderWay } from './requests-under-way.ts';
import { SharedDevice } from './shared-device.ts';
import { type TellerContext, TroubleTeller } from './trouble-teller.ts';
import type { Watcher } from './watched-services.ts';

/** While a person waits for `start()`, trouble is told sooner than later, where it most often passes. */
const STARTING_MS = 3_000;
const LASTING_MS = 10_000;

/** Trouble that a proxy may be behind. */
const unreached: readonly SessionTroubleCode[] = [
  'name-unresolved',
  'connection-refused',
  'host-unreachable',
  'timeout',
  'connection-reset',
  'unreachable',
];

export interface VoiceOptions {
  readonly actor: SessionActor;
  readonly runtime: SessionRuntime;
  readonly listeners: Listeners;
  readonly logger: FullLogger;
  /** What was asked of the homeserver to sign in or to stay so. */
  readonly asked: RequestsUnderWay;
  /** Of a session in a fleet: what it waits for. */
  readonly turns: SessionTurns | undefined;
  /** Of a session in a fleet: the devices of all of them. */
  readonly devices: FleetDevices | undefined;
  readonly sessionName: string;
}

/** What a session says without being asked: that it is signed in, and what keeps it from that. */
export class Voice implements Watcher, TellerContext {
  readonly #options: VoiceOptions;
  readonly #session = new TroubleTeller(this);
  /** Most sessions need only the first. */
  #sync: TroubleTeller | undefined;
  #notices: TroubleTeller | undefined;
  #shared: SharedDevice | undefined;
  #everLive = false;
  #stopped = false;
  #toSay = true;
  #sayAgain = false;

  constructor(options: VoiceOptions) {
    this.#options = options;
  }

  get turns(): SessionTurns | undefined {
    return this.#options.turns;
  }

  get listeners(): Listeners {
    return this.#options.listeners;
  }

  get logger(): FullLogger {
    return this.#options.logger;
  }

  note(code: SessionTroubleCode): string | undefined {
    return unreached.includes(code) ? proxyNote(this.#options.runtime.askedUrl) : undefined;
  }

  met(found: Diagnosis, since: number): void {
    this.#session.met(found, { since, patienceMs: this.#everLive ? LASTING_MS : STARTING_MS });
  }

  passed(): void {
    this.#session.passed();
  }

  atRisk(): boolean {
    return this.#options.actor.context.token.everAccepted;
  }

  noteFailure(reason: FailureReason, cause: unknown): void {
    this.#options.runtime.noteFailure(reason, cause);
  }

  clientTroubled(trouble: ClientTrouble): void {
    if (!('initial' in trouble)) return this.#notice(ofClient(trouble));
    if (this.#stopped) return;
    this.#sync ??= new TroubleTeller(this);
    this.#sync.met(ofClient(trouble));
  }

  syncMoves(): void {
    this.#sync?.passed();
  }

  messageNotSent(message: QueuedMessage, outcome: Exclude<MessageOutcome, { outcome: 'delivered' }>): void {
    this.#notice(ofMessage(message, outcome));
  }

  sendBeforeStart(): void {
    this.#notice({
      code: 'send-before-start',
      what: 'send() was called, and start() was not: the message waits',
    });
  }

  tokenMissing(): void {
    this.#notice({
      code: 'authorization-stripped',
      what: 'the homeserver answered M_MISSING_TOKEN to a request that carried its token; the answer went to the caller',
    });
  }

  endpointRefuses(endpoint: string): void {
    this.#notice({
      code: 'endpoint-refuses-token',
      what: `${endpoint} refuses a token that the homeserver takes elsewhere (GET /account/whoami)`,
      about: endpoint,
    });
  }

  #sameDevice(other: string): void {
    this.#notice({
      code: 'device-shared',
      what: `the session ${JSON.stringify(other)} of this fleet is signed in to the same account, on the same device`,
      about: other,
    });
  }

  waitingFor(): Diagnosis | undefined {
    const { turns } = this.#options;
    // One that only waits for its turn is not in trouble; the one that asks for all tells what it met.
    if (turns?.waits === true)
      return turns.waitsFor && diagnose({ outcome: 'refused', rejection: turns.waitsFor });
    return this.#options.asked.count === 0
      ? { code: 'store-away', what: 'the session store has not answered for some seconds' }
      : { code: 'timeout', what: 'the homeserver has not answered for some seconds' };
  }

  #notice(found: Diagnosis): void {
    if (this.#stopped) return;
    this.#notices ??= new TroubleTeller(this);
    this.#notices.met(found);
  }

  cameInto({ state }: StateNow): void {
    const { actor, runtime, logger, devices, sessionName } = this.#options;
    const { session } = actor.context;
    if (state === 'failed' || state === 'stopped') {
      // What is said of the failure takes its place.
      for (const teller of [this.#session, this.#sync]) teller?.close(state === 'stopped');
      this.#toSay = true;
      if (session !== undefined) devices?.ended(this, session);
    }
    if (state === 'stopped') {
      this.#stopped = true;
      this.#notices?.close(true);
      logger.info('matrix-auth-machine: stopped.');
    }
    if (state !== 'valid') return;
    this.#everLive = true;
    const other = session && devices?.signedIn(this, sessionName, session);
    if (other !== undefined) this.#sameDevice(other);
    if (this.#toSay && logger.hears('info'))
      logger.info(signedInLine(session, runtime.homeserverUrl, this.#sayAgain));
    this.#sayAgain = true;
    this.#toSay = false;
  }

  heard(event: AuthEmitted): void {
    const { listeners, logger } = this.#options;
    if (event.type === 'logged-in') {
      this.#toSay = true;
      this.#shared ??= new SharedDevice();
      const found = this.#shared.loggedIn(event.session.expiresAt);
      if (found !== undefined) this.#notice(found);
    } else if (event.type === 'refreshed') {
      this.#shared ??= new SharedDevice();
      this.#shared.renewed(event.session.expiresAt);
      if (logger.hears('debug')) logger.debug(renewedLine(event.session));
    } else if (event.type === 'locked' && !listeners.has('locked')) {
      this.#notice({ code: 'account-locked', what: 'the account is locked' });
    }
  }
}

import { proxyNote } from '../../adapters/homeserver/index.ts';
import type { MessageOutcome } from '../../adapters/outbox/index.ts';
import type { ClientTrouble, QueuedMessage } from '../../ports/index.ts';
import type { SessionServices } from '../hosted-machine.ts';
import type { SessionTurns } from '../fleet/index.ts';
import type { Listeners } from '../listeners.ts';
import type { SessionActor } from '../session-actor.ts';
import type { SessionRuntime } from '../session-runtime.ts';
import type { Diagnosis, SessionTroubleCode } from './codes.ts';
import { diagnose, ofClient, ofMessage } from './diagnose.ts';
import { renewedLine, signedInLine } from './good-lines.ts';
import type { FullLogger } from './logger.ts';
import type { RequestsUnderWay } from './requests-under-way.ts';
import { SharedDevice } from './shared-device.ts';
import { TroubleTeller } from './trouble-teller.ts';
import { watchedServices } from './watched-services.ts';

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
}

/** What a session says without being asked: that it is signed in, and what keeps it from that. */
export class Voice {
  readonly #options: VoiceOptions;
  readonly #session: TroubleTeller;
  readonly #sync: TroubleTeller;
  readonly #notices: TroubleTeller;
  #everLive = false;

  constructor(options: VoiceOptions) {
    this.#options = options;
    const { actor, listeners, logger } = options;
    const note = (code: SessionTroubleCode) =>
      unreached.includes(code) ? proxyNote(options.runtime.askedUrl) : undefined;
    const tellerOf = (patienceMs: () => number) => new TroubleTeller({ listeners, logger, patienceMs, note });
    this.#session = tellerOf(() => (this.#everLive ? LASTING_MS : STARTING_MS));
    this.#sync = tellerOf(() => 0);
    this.#notices = tellerOf(() => 0);
    this.#sayGoodThings(actor);
  }

  watch(services: SessionServices): SessionServices {
    const { actor, runtime } = this.#options;
    return watchedServices(services, {
      teller: this.#session,
      atRisk: () => actor.context.everAccepted,
      noteFailure: (reason, cause) => runtime.noteFailure(reason, cause),
      waitingFor: () => this.#waitingFor(),
    });
  }

  clientTroubled(trouble: ClientTrouble): void {
    ('initial' in trouble ? this.#sync : this.#notices).met(ofClient(trouble));
  }

  syncMoves(): void {
    this.#sync.passed();
  }

  messageNotSent(message: QueuedMessage, outcome: Exclude<MessageOutcome, { outcome: 'delivered' }>): void {
    this.#notices.met(ofMessage(message, outcome));
  }

  sendBeforeStart(): void {
    this.#notices.met({
      code: 'send-before-start',
      what: 'send() was called, and start() was not: the message waits',
    });
  }

  tokenMissing(): void {
    this.#notices.met({
      code: 'authorization-stripped',
      what: 'the homeserver answered M_MISSING_TOKEN to a request that carried its token; the answer went to the caller',
    });
  }

  endpointRefuses(endpoint: string): void {
    this.#notices.met({
      code: 'endpoint-refuses-token',
      what: `${endpoint} refuses a token that the homeserver takes elsewhere (GET /account/whoami)`,
      about: endpoint,
    });
  }

  #waitingFor(): Diagnosis | undefined {
    const { turns } = this.#options;
    // One that only waits for its turn is not in trouble; the one that asks for all tells what it met.
    if (turns?.waits === true)
      return turns.waitsFor && diagnose({ outcome: 'refused', rejection: turns.waitsFor });
    return this.#options.asked.count === 0
      ? { code: 'store-away', what: 'the session store has not answered for some seconds' }
      : { code: 'timeout', what: 'the homeserver has not answered for some seconds' };
  }

  #sayGoodThings(actor: SessionActor): void {
    const { runtime, logger } = this.#options;
    const shared = new SharedDevice();
    let sayAgain = false;
    let toSay = true;
    actor.onState(({ state }) => {
      if (state === 'failed' || state === 'stopped') {
        // What is said of the failure takes its place.
        for (const teller of [this.#session, this.#sync]) teller.close(state === 'stopped');
        toSay = true;
      }
      if (state === 'stopped') {
        this.#notices.close(true);
        logger.info('matrix-auth-machine: stopped.');
      }
      if (state !== 'valid') return;
      this.#everLive = true;
      if (toSay) logger.info(signedInLine(actor.context.session, runtime.homeserverUrl, sayAgain));
      sayAgain = true;
      toSay = false;
    });
    actor.ref.on('logged-in', ({ session }) => {
      toSay = true;
      const found = shared.loggedIn(session.expiresAt);
      if (found !== undefined) this.#notices.met(found);
    });
    actor.ref.on('refreshed', ({ session }) => {
      shared.renewed(session.expiresAt);
      logger.debug(renewedLine(session));
    });
    actor.ref.on('locked', () => {
      if (this.#options.listeners.has('locked')) return;
      this.#notices.met({ code: 'account-locked', what: 'the account is locked' });
    });
  }
}

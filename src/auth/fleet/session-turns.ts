import type { IdentifyOutcome, Rejection, RenewOutcome } from '../../machines/auth/index.ts';
import type { Evidence, HomeserverTraffic, TurnKind } from './traffic.ts';

export interface SessionTurnsOptions {
  /** Whether requests of the bot wait. */
  readonly urgent: () => boolean;
  /** That of the session's homeserver, which is known by the time of the first request. */
  readonly traffic: () => HomeserverTraffic;
}

/** What a session of a fleet asks of its homeserver, each request when its turn has come. */
export class SessionTurns {
  readonly #options: SessionTurnsOptions;
  /** Since when each kind of request is wanted without having been taken. */
  readonly #wantedSince = new Map<TurnKind, number>();
  #waiting: { urgent: boolean; readonly since: number } | undefined;

  constructor(options: SessionTurnsOptions) {
    this.#options = options;
  }

  /** Why the homeserver is left alone, if this session waits for that. */
  get waitsFor(): Rejection | undefined {
    return this.#waiting && this.#options.traffic().away;
  }

  /** Whether this session waits for its turn. */
  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  /** To be called when the state of the session has changed. */
  update(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.urgent || !this.#options.urgent()) return;
    this.#options.traffic().hurry(waiting);
  }

  /**
   * Does `work` when its turn has come.
   * @throws the signal's reason, if nobody waits for it any more before it could begin
   */
  async inTurn<T extends RenewOutcome | IdentifyOutcome>(
    kind: TurnKind,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const since = this.#wantedSince.get(kind) ?? performance.now();
    this.#wantedSince.set(kind, since);
    const waiting = { urgent: this.#options.urgent(), since };
    this.#waiting = waiting;
    const turn = await this.#options
      .traffic()
      .turn({ kind, waiting, signal })
      .finally(() => {
        if (this.#waiting === waiting) this.#waiting = undefined;
      });
    let evidence: Evidence;
    try {
      const outcome = await work();
      evidence = evidenceIn(outcome);
      return outcome;
    } finally {
      turn.end(evidence);
      if (typeof evidence !== 'object') this.#wantedSince.delete(kind);
    }
  }
}

/** What an outcome says of the homeserver. Trouble of the store says nothing, nor does what another process has renewed. */
function evidenceIn(outcome: RenewOutcome | IdentifyOutcome): Evidence {
  if (outcome.outcome === 'renewed' || outcome.outcome === 'identified') return 'taken';
  if (outcome.outcome !== 'refused') return undefined;
  const { rejection } = outcome;
  if (rejection.status === 429) return { limited: rejection };
  const { trouble, status } = rejection;
  // Half an answer is none either; one that only cannot be understood came from somebody.
  return trouble === 'unreachable' || trouble === 'timeout' || status >= 500 ? { away: rejection } : 'taken';
}

import type { SharedSession } from './share-sessions.ts';
import type { StartQueue } from './start-queue.ts';

export interface SharedOutOptions<Session> {
  readonly names: readonly string[];
  readonly create: (name: string) => Session;
  /** All sessions that run in this process, those of other shares too. */
  readonly running: Map<string, Session>;
  readonly onError: (name: string, error: unknown) => void;
  /** That of all shares. */
  readonly starts: StartQueue;
}

/** The sessions of one share: they run here, or not, all of them. */
export class SharedOut<Session extends SharedSession> {
  readonly #options: SharedOutOptions<Session>;
  /** The work of before: what is to stop has stopped before it is started again. */
  #turn: Promise<void> = Promise.resolve();
  #wanted = false;
  /** Counts the stops: what was to be started before one is not started after it. */
  #stops = 0;
  #stopped = false;

  constructor(options: SharedOutOptions<Session>) {
    this.#options = options;
  }

  /** Starts them, or stops them; resolves when that is done. */
  run(wanted: boolean): Promise<void> {
    this.#wanted = wanted && !this.#stopped;
    this.#turn = this.#turn.then(() => (this.#wanted ? this.#start() : this.#stop()));
    return this.#turn;
  }

  /** Stops them for good. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.run(false);
  }

  #start(): void {
    const { names, starts } = this.#options;
    const stops = this.#stops;
    for (const name of names) {
      starts.add(async () => {
        if (stops === this.#stops) await this.#startOne(name);
      });
    }
  }

  async #startOne(name: string): Promise<void> {
    const { create, running, onError } = this.#options;
    if (running.has(name)) return;
    let session: Session | undefined;
    try {
      session = create(name);
      running.set(name, session);
      await session.start();
    } catch (error) {
      // One that was stopped while it started has done what it should.
      if (running.get(name) === session) onError(name, error);
    }
  }

  async #stop(): Promise<void> {
    this.#stops += 1;
    const { names, running, onError } = this.#options;
    await Promise.all(
      names.map(async (name) => {
        const session = running.get(name);
        running.delete(name);
        await session?.stop().catch((error: unknown) => onError(name, error));
      }),
    );
  }
}

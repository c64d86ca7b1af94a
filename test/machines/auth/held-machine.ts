import { createActor, fromPromise, type InputFrom } from 'xstate';
import { authMachine } from '../../../src/machines/index.ts';
import { HeldClock } from './held-clock.ts';

/** A call of a service that the machine has made, and that waits for the test to answer it. */
export interface HeldCall {
  readonly id: string;
  readonly input: unknown;
  readonly signal: AbortSignal;
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/** Promises that were settled have had their effect after this. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The bare machine, with services that only the test answers, and timers that only the test lets go off. */
export class HeldMachine {
  readonly clock = new HeldClock();
  /** All calls, in their order. */
  readonly calls: HeldCall[] = [];
  readonly emitted: { readonly type: string }[] = [];
  readonly errors: unknown[] = [];
  readonly actor;

  /** @param alter makes another machine of it, such as a broken one */
  constructor(
    input: InputFrom<typeof authMachine> = { salt: 0.5 },
    alter: (machine: typeof authMachine) => typeof authMachine = (machine) => machine,
  ) {
    const held = <O, I>() =>
      fromPromise<O, I>(({ input, signal, self }) => {
        const { promise, resolve, reject } = Promise.withResolvers<O>();
        this.calls.push({
          id: self.id,
          input,
          signal,
          resolve,
          reject,
        });
        return promise;
      });
    const provided = authMachine.provide({
      actors: {
        restore: held(),
        exchange: held(),
        logIn: held(),
        authorize: held(),
        identify: held(),
        connect: held(),
      },
    });
    this.actor = createActor(alter(provided), { input, clock: this.clock });
    this.clock.actor = this.actor;
    this.actor.on('*', (event) => this.emitted.push(event));
    this.actor.subscribe({ error: (error) => this.errors.push(error) });
  }

  get value(): unknown {
    return this.actor.getSnapshot().value;
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  /** The calls that the machine still waits for. */
  get pending(): HeldCall[] {
    return this.calls.filter(({ signal }) => !signal.aborted && !this.#answered.has(signal));
  }

  readonly #answered = new Set<AbortSignal>();

  async answer(id: string, output: object): Promise<void> {
    const call = this.#take(id);
    call.resolve(output);
    await settled();
  }

  async fail(id: string, error: unknown): Promise<void> {
    const call = this.#take(id);
    call.reject(error);
    await settled();
  }

  #take(id: string): HeldCall {
    const call = this.pending.find((each) => each.id === id);
    if (call === undefined) {
      const others = this.pending.map((each) => each.id).join() || 'nothing';
      throw new Error(
        `The machine does not wait for ${id}, but for ${others}, in ${JSON.stringify(this.value)}.`,
      );
    }
    this.#answered.add(call.signal);
    return call;
  }
}

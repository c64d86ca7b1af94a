import { onTestFinished, vi } from 'vitest';

/** So many turns of the event loop are enough for a request on this computer; one that hangs is not waited for. */
const TURNS = 1_000;

/** Time that the test moves. Sockets live in real time: each step waits until no request is under way. */
export class VirtualTime {
  #underWay = 0;

  constructor() {
    vi.useFakeTimers({
      toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    });
    onTestFinished(() => void vi.useRealTimers());
  }

  /** `fetch`, so that its requests are waited for. */
  counted(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (...args) => {
      this.#underWay += 1;
      try {
        return await fetch(...args);
      } finally {
        this.#underWay -= 1;
      }
    };
  }

  /** Lets time pass until `done`, at most `ms`, in steps of `stepMs`. */
  async pass(ms: number, done: () => boolean = () => false, stepMs = 250): Promise<void> {
    for (let passed = 0; ; passed += stepMs) {
      for (let turn = 0; turn < 50 || (this.#underWay > 0 && turn < TURNS); turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
      if (done() || passed >= ms) return;
      await vi.advanceTimersByTimeAsync(stepMs);
    }
  }
}

import type { Homeserver } from '../../ports/index.ts';

/** Counts the requests that have no answer yet: whether it is the homeserver that is waited for, or the store. */
export class RequestsUnderWay {
  count = 0;

  async during<T>(answer: Promise<T>): Promise<T> {
    this.count += 1;
    try {
      return await answer;
    } finally {
      this.count -= 1;
    }
  }

  /** Its calls count until their answers were read, not only until these began. */
  to(homeserver: Homeserver): Homeserver {
    return {
      versions: (...given) => this.during(homeserver.versions(...given)),
      login: (...given) => this.during(homeserver.login(...given)),
      refresh: (...given) => this.during(homeserver.refresh(...given)),
      whoami: (...given) => this.during(homeserver.whoami(...given)),
      logout: (...given) => this.during(homeserver.logout(...given)),
    };
  }

  by(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return (...given) => this.during(fetch(...given));
  }
}

import type { MatrixAuthEvents } from './events.ts';
import type { Logger } from './options.ts';

type Type = keyof MatrixAuthEvents;
type Handler = (event: never) => unknown;

/** What brings the events of a type, while somebody listens. */
interface Feed {
  readonly type: Type;
  readonly begin: () => () => void;
  end: (() => void) | undefined;
}

/** Who listens for what. A listener that throws is told so, and harms nobody else. */
export class Listeners {
  /** Many sessions have no listener at all. */
  #handlers: Map<Type, Set<Handler>> | undefined;
  #feed: Feed | undefined;
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<T extends Type>(type: T, handler: (event: MatrixAuthEvents[T]) => void): () => void {
    this.#handlers ??= new Map();
    const handlers = this.#handlers.get(type) ?? new Set();
    // The same function may listen twice; each registration ends on its own.
    const registered: Handler = (event) => handler(event);
    const feed = this.#feed?.type === type ? this.#feed : undefined;
    if (feed !== undefined) feed.end ??= feed.begin();
    this.#handlers.set(type, handlers.add(registered));
    return () => {
      handlers.delete(registered);
      if (handlers.size > 0) return;
      feed?.end?.();
      if (feed !== undefined) feed.end = undefined;
    };
  }

  /** Runs `begin` when the first listens for this one type, and what it returned when the last has left. */
  feed(type: Type, begin: () => () => void): void {
    this.#feed = { type, begin, end: undefined };
  }

  has(type: Type): boolean {
    return (this.#handlers?.get(type)?.size ?? 0) > 0;
  }

  emit<T extends Type>(type: T, event: MatrixAuthEvents[T]): void {
    const handlers = this.#handlers?.get(type);
    if (handlers === undefined || handlers.size === 0) return;
    for (const handler of [...handlers]) {
      try {
        const done = (handler as (event: MatrixAuthEvents[T]) => unknown)(event);
        if (done instanceof Promise) done.catch((error: unknown) => this.#tell(type, error));
      } catch (error) {
        this.#tell(type, error);
      }
    }
  }

  #tell(type: Type, error: unknown): void {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no Error';
    this.#logger.error(
      `matrix-auth-machine: a listener for "${type}" threw ${what}. Mend the listener; the session goes on.`,
    );
  }
}

import type { MatrixAuthEvents } from './events.ts';
import type { Logger } from './options.ts';

type Type = keyof MatrixAuthEvents;
type Handler = (event: never) => void;

/** Who listens for what. A listener that throws is told so, and harms nobody else. */
export class Listeners {
  readonly #handlers = new Map<Type, Set<Handler>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<T extends Type>(type: T, handler: (event: MatrixAuthEvents[T]) => void): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => {
      handlers.delete(handler);
    };
  }

  has(type: Type): boolean {
    return (this.#handlers.get(type)?.size ?? 0) > 0;
  }

  emit<T extends Type>(type: T, event: MatrixAuthEvents[T]): void {
    for (const handler of [...(this.#handlers.get(type) ?? [])]) {
      try {
        (handler as (event: MatrixAuthEvents[T]) => void)(event);
      } catch (error) {
        const what =
          error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no Error';
        this.#logger.error(
          `matrix-auth-machine: a listener for "${type}" threw ${what}. Mend the listener; the session goes on.`,
        );
      }
    }
  }
}

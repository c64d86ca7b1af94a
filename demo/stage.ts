import type { MatrixAuth } from '../src/index.ts';

/** Where a performance is seen, and how it is ended early. */
export interface Stage {
  readonly print: (line: string) => void;
  /** Puts a session on the live page, where there is one. */
  readonly show: (name: string, auth: MatrixAuth<unknown>) => void;
  readonly interrupted: AbortSignal;
}

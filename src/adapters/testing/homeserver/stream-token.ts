import { badRequest } from './matrix-error.ts';

/** A position in the stream as clients carry it: `next_batch`, `prev_batch`, `from`, `to`, `end`. */
export function tokenOf(position: number): string {
  return `s${position}`;
}

/** @throws MatrixError 400 if this is not such a token. */
export function parsePosition(token: string): number {
  if (!/^s\d+$/.test(token)) throw badRequest('Invalid stream token');
  return Number(token.slice(1));
}

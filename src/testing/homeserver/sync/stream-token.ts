import { badRequest } from '../matrix-error.ts';

/** A position in the stream as clients carry it: `next_batch`, `prev_batch`, `from`, `to`, `end`. */
export function tokenOf(position: number): string {
  return `s${position}`;
}

export function isStreamToken(token: string): boolean {
  return /^s\d+$/.test(token);
}

/** @throws MatrixError 400 if this is not such a token. */
export function parsePosition(token: string): number {
  if (!isStreamToken(token)) throw badRequest('Invalid stream token');
  return Number(token.slice(1));
}

import { type Meaning, meaningOf } from '../machines/auth/index.ts';
import type { Answer } from '../ports/index.ts';

/**
 * The answer; where it would be the end of the session it is asked for once more, since one answer may be a mistake: of
 * a worker that lags behind, of something in between.
 * @param isLast whether nothing else is left
 */
export async function askedForGood<T>(
  ask: () => Promise<Answer<T>>,
  ends: Meaning,
  isLast: () => boolean,
): Promise<Answer<T>> {
  const answer = await ask();
  return !answer.ok && meaningOf(answer.rejection) === ends && isLast() ? ask() : answer;
}

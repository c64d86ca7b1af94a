const FIRST_MS = 100;
const LONGEST_MS = 30_000;

/** How long to wait before each further attempt, in ms: longer and longer, with jitter, so that many do not come at once. */
export function* reconnectDelays(): Generator<number, never> {
  for (let ms = FIRST_MS; ; ms = Math.min(LONGEST_MS, ms * 2)) yield ms * (0.5 + Math.random() / 2);
}

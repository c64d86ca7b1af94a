/**
 * The longest wait that is honoured: an absurd one (a misread unit, a broken proxy) must not stop a bot for days, and
 * a server that is down (5xx) may well be back sooner than it thought.
 */
const LONGEST_WAIT_MS = 3_600_000;
const LONGEST_WAIT_5XX_MS = 60_000;

/** The wait that an answer asks for: `Retry-After` as seconds or as a date (RFC 9110), else what its body says. */
export function retryAfterMs(
  status: number,
  headers: Headers,
  bodyMs: number | undefined,
  now: number,
): number | undefined {
  const asked = askedFor(headers.get('retry-after') ?? '', bodyMs, now);
  return asked && Math.min(asked, status >= 500 ? LONGEST_WAIT_5XX_MS : LONGEST_WAIT_MS);
}

function askedFor(header: string, bodyMs: number | undefined, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(header)) return Math.ceil(Number(header) * 1000);
  // A date of HTTP begins with the day of the week; `Date.parse` would take "-5" for one, too.
  const date = /^[A-Z][a-z]/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? bodyMs : Math.max(0, date - now);
}

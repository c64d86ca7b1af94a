const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * How long the homeserver asks to wait, by its `Retry-After` header or `retry_after_ms`; 0 if it does not say. At most
 * an hour, and a minute for a 5xx: a proxy's guess says little of when the homeserver is back.
 */
export function retryAfterMs(response: Response, body: unknown): number {
  const asked = headerMs(response.headers.get('retry-after')) ?? bodyMs(body) ?? 0;
  return Math.min(asked, response.status >= 500 ? MINUTE_MS : HOUR_MS);
}

function headerMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function bodyMs(body: unknown): number | undefined {
  const ms = (body as { readonly retry_after_ms?: unknown } | null | undefined)?.retry_after_ms;
  return typeof ms === 'number' && ms >= 0 ? ms : undefined;
}

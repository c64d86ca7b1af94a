import { retryAfterMs } from './retry-after.ts';
import type { SyncAnswer } from './sync-answer.ts';
import { failureOf, failureOfError, type SyncTroubleReport } from './sync-trouble.ts';

export interface AskOptions {
  /** Sends the request. */
  readonly ask: () => Promise<Response>;
  /** What has to be done with an answer before it counts as one; if it throws, the request is sent again. */
  readonly complete?: (answer: SyncAnswer) => Promise<void>;
  readonly report: SyncTroubleReport;
  readonly signal: AbortSignal;
}

const LONGEST_WAIT_MS = 30_000;

/**
 * Asks for a `/sync` until there is an answer, with a wait between the tries that grows, or that the homeserver asks for.
 * @throws the signal's reason
 */
export async function askUntilAnswered({ ask, complete, report, signal }: AskOptions): Promise<SyncAnswer> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    let askedMs = 0;
    try {
      const response = await ask();
      const body: unknown = await response.json().catch(() => undefined);
      if (response.ok && isSyncAnswer(body)) {
        await complete?.(body);
        return body;
      }
      signal.throwIfAborted();
      report.failed(failureOf(response.status, body));
      askedMs = retryAfterMs(response, body);
    } catch (error) {
      signal.throwIfAborted();
      report.failed(failureOfError(error));
    }
    // Bots that were refused together are not to ask again together.
    const apartMs = (Math.random() * waitMs) / 2;
    await pause(Math.max(waitMs - apartMs, askedMs + apartMs), signal);
  }
}

function isSyncAnswer(body: unknown): body is SyncAnswer {
  return typeof (body as { readonly next_batch?: unknown } | null | undefined)?.next_batch === 'string';
}

/** @throws the signal's reason */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

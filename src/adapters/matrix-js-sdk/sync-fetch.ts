import type { ClientTrouble } from '../../ports/index.ts';
import {
  abortable,
  failureOf,
  failureOfError,
  fillGaps,
  markRepeated,
  type SyncAnswer,
  SyncTroubleReport,
  uncachedTimeoutMs,
} from '../sync/index.ts';
import type { ClientRequests } from './live-client.ts';
import type { SdkProgress } from './progress.ts';

export interface SyncFetchOptions {
  readonly progress: SdkProgress;
  readonly userId: string;
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly maxGapEvents: number;
  /** There are keys of encrypted rooms. */
  readonly encrypts: boolean;
  /** The sync begins anew, from a later position than was thought. */
  readonly onBegunAnew: () => Promise<void>;
  /** Answers of `/sync` wait for this: the bot's listeners have to be there first. */
  readonly ready: Promise<void>;
  readonly onTrouble: ((trouble: ClientTrouble) => void) | undefined;
}

export interface SyncFetch extends ClientRequests {
  readonly fetch: typeof globalThis.fetch;
  /** No request is sent any more. */
  readonly aborted: boolean;
  /** To be called when the SDK has delivered the last answer of `/sync`. */
  onDelivered(): void;
}

/** `fetch` for one client. Answers of `/sync` are completed before the SDK sees them; everything else passes. */
export function createSyncFetch(options: SyncFetchOptions): SyncFetch {
  const controller = new AbortController();
  const report = new SyncTroubleReport(false, options.onTrouble);
  let delivery = Promise.resolve();
  let onDelivered = () => {};

  /** Sends a request of the sync loop, and reports when it brings nothing. */
  async function sync(url: URL, since: string, init: RequestInit): Promise<Response> {
    try {
      let response = await options.fetch(url, init);
      const { resumed, invitations } = options.progress;
      if (response.status === 400 && since === resumed?.since) {
        await response.body?.cancel();
        invitations.hold(resumed.instead.invitations);
        if (options.encrypts) options.progress.toDevice.hold(resumed.instead.toDevice);
        await options.onBegunAnew();
        url.searchParams.set('since', resumed.instead.position);
        response = await options.fetch(url, init);
      }
      if (response.ok) report.end();
      else report.failed(failureOf(response.status, await bodyOf(response)));
      return response;
    } catch (error) {
      // A client that is stopped gives up its request; one that is not has waited for too long.
      if (!isAbort(init.signal?.reason)) report.failed(failureOfError(error));
      throw error;
    }
  }

  return {
    delivered: () => delivery,
    onDelivered: () => onDelivered(),
    get aborted() {
      return controller.signal.aborted;
    },
    closeReport: () => report.close(),
    abort(reason) {
      report.close();
      if (!controller.signal.aborted) options.progress.givenUp();
      controller.abort(reason);
    },
    async fetch(input, given) {
      controller.signal.throwIfAborted();
      const signal = given?.signal ? AbortSignal.any([controller.signal, given.signal]) : controller.signal;
      const init = { ...given, signal };
      const url = new URL(input instanceof Request ? input.url : String(input));
      const since = url.searchParams.get('since');
      if (since === null || !url.pathname.endsWith('/sync')) return options.fetch(input, init);
      if (options.progress.repeats(since)) url.searchParams.set('timeout', String(uncachedTimeoutMs()));
      const response = await sync(url, since, init);
      if (!response.ok) return response;
      const answer = await completed(response, since, signal, options);
      options.progress.delivering();
      ({ promise: delivery, resolve: onDelivered } = Promise.withResolvers<void>());
      return answer;
    },
  };
}

async function completed(
  response: Response,
  since: string,
  signal: AbortSignal,
  { progress, maxGapEvents: maxEvents, ready, ...options }: SyncFetchOptions,
): Promise<Response> {
  const text = await response.text();
  await abortable(ready, signal);
  signal.throwIfAborted();
  const { archive, invitations, toDevice } = progress;
  const repeats = progress.repeats(since);
  if (!invitations.pending && !toDevice.pending && !repeats && !/"limited":\s*true/.test(text)) {
    return new Response(text, { status: response.status, headers: bodyHeaders(response) });
  }
  const body = JSON.parse(text) as SyncAnswer;
  invitations.addTo(body);
  toDevice.addTo(body);
  const lastEventOf = (roomId: string) => archive.lastEventOf(roomId);
  await fillGaps(body, since, { ...options, lastEventOf, signal, maxEvents });
  if (repeats) markRepeated(body);
  return Response.json(body, { status: response.status });
}

function isAbort(reason: unknown): boolean {
  return (reason as { readonly name?: unknown } | undefined)?.name === 'AbortError';
}

/** What a refusal says, read from a copy: the SDK still wants it. */
function bodyOf(response: Response): Promise<unknown> {
  return response
    .clone()
    .json()
    .catch(() => undefined);
}

/** The headers without those that describe the body as it was on the wire. */
function bodyHeaders(response: Response): Headers {
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  return headers;
}

import type { ISyncResponse } from 'matrix-js-sdk';
import type { SyncArchive } from './archive.ts';
import { fillGaps } from './gaps.ts';
import type { ClientRequests } from './live-client.ts';

export interface SyncFetchOptions {
  readonly archive: SyncArchive;
  readonly userId: string;
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly maxGapEvents: number;
  /** Invitations that were there before the first sync. They are delivered with the first answer. */
  readonly pendingInvites: Map<string, ISyncResponse['rooms']['invite'][string]>;
  /** The position of an earlier process, and the one to begin with if the homeserver does not know it any more. */
  readonly resumed: { readonly since: string; readonly instead: string } | undefined;
  /** Answers of `/sync` wait for this: the bot's listeners have to be there first. */
  readonly ready: Promise<void>;
}

/** `fetch` for one client. Answers of `/sync` are completed before the SDK sees them; everything else passes. */
export function createSyncFetch(options: SyncFetchOptions): SyncFetch {
  const controller = new AbortController();
  let delivery = Promise.resolve();
  let onDelivered = () => {};

  return {
    delivered: () => delivery,
    onDelivered: () => onDelivered(),
    abort: (reason) => controller.abort(reason),
    async fetch(input, given) {
      const signal = given?.signal ? AbortSignal.any([controller.signal, given.signal]) : controller.signal;
      const init = { ...given, signal };
      const url = new URL(input instanceof Request ? input.url : String(input));
      const since = url.searchParams.get('since');
      let response = await options.fetch(input, init);
      if (response.status === 400 && since !== null && since === options.resumed?.since) {
        await response.body?.cancel();
        url.searchParams.set('since', options.resumed.instead);
        response = await options.fetch(url, init);
      }
      if (since === null || !url.pathname.endsWith('/sync') || !response.ok) return response;
      const answer = await completed(response, since, signal, options);
      ({ promise: delivery, resolve: onDelivered } = Promise.withResolvers<void>());
      return answer;
    },
  };
}

export interface SyncFetch extends ClientRequests {
  readonly fetch: typeof globalThis.fetch;
  /** To be called when the SDK has delivered the last answer of `/sync`. */
  onDelivered(): void;
}

async function completed(
  response: Response,
  since: string,
  signal: AbortSignal,
  { archive, userId, homeserverUrl, fetch, maxGapEvents: maxEvents, pendingInvites, ready }: SyncFetchOptions,
): Promise<Response> {
  await ready;
  const text = await response.text();
  signal.throwIfAborted();
  if (pendingInvites.size === 0 && !/"limited":\s*true/.test(text)) {
    return new Response(text, { status: response.status, headers: bodyHeaders(response) });
  }
  const body = JSON.parse(text) as ISyncResponse;
  if (pendingInvites.size > 0) {
    const rooms: Partial<ISyncResponse['rooms']> = body.rooms ?? {};
    body.rooms = { ...rooms, invite: invitesNow(pendingInvites, rooms) } as ISyncResponse['rooms'];
    pendingInvites.clear();
  }
  await fillGaps(body, since, { archive, userId, homeserverUrl, fetch, signal, maxEvents });
  return Response.json(body, { status: response.status });
}

/** The old invitations that nothing newer is known of, and the new ones. */
function invitesNow(
  pending: SyncFetchOptions['pendingInvites'],
  rooms: Partial<ISyncResponse['rooms']>,
): ISyncResponse['rooms']['invite'] {
  const stillOpen = [...pending].filter(([roomId]) => !(rooms.join?.[roomId] ?? rooms.leave?.[roomId]));
  return { ...Object.fromEntries(stillOpen), ...rooms.invite };
}

/** The headers without those that describe the body as it was on the wire. */
function bodyHeaders(response: Response): Headers {
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  return headers;
}

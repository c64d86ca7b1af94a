import type { ISyncResponse } from 'matrix-js-sdk';
import type { SyncArchive } from './archive.ts';
import { fillGaps } from './gaps.ts';

export interface SyncFetchOptions {
  readonly archive: SyncArchive;
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly maxGapEvents: number;
  /** Invitations that were there before the first sync. They are delivered with the first answer. */
  readonly pendingInvites: Map<string, ISyncResponse['rooms']['invite'][string]>;
  /** Answers of `/sync` wait for this: the bot's listeners have to be there first. */
  readonly ready: Promise<void>;
}

/** `fetch` for the SDK: answers of `/sync` are completed before the SDK sees them. Everything else passes. */
export function createSyncFetch(options: SyncFetchOptions): typeof globalThis.fetch {
  const { archive, homeserverUrl, fetch, maxGapEvents, pendingInvites, ready } = options;
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : String(input));
    const since = url.searchParams.get('since');
    if (since === null || !response.ok || !url.pathname.endsWith('/sync')) return response;

    await ready;
    const text = await response.text();
    if (pendingInvites.size === 0 && !text.includes('"limited":true') && !text.includes('"limited": true')) {
      return new Response(text, { status: response.status, headers: bodyHeaders(response) });
    }
    const body = JSON.parse(text) as ISyncResponse;
    if (pendingInvites.size > 0) {
      const rooms: Partial<ISyncResponse['rooms']> = body.rooms ?? {};
      body.rooms = { ...rooms, invite: invitesNow(pendingInvites, rooms) } as ISyncResponse['rooms'];
      pendingInvites.clear();
    }
    await fillGaps(body, since, {
      archive,
      homeserverUrl,
      fetch,
      signal: init?.signal ?? undefined,
      maxEvents: maxGapEvents,
    });
    return Response.json(body, { status: response.status });
  };
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

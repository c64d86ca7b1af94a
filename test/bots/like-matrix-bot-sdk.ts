import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BotUnderTest } from '../../src/testing/index.ts';

/**
 * An echo bot that keeps its session as matrix-bot-sdk 0.8 does. It is written after what the SDK was seen to do: it is given an
 * access token once and knows no other; each failed sync is logged and tried again after a random wait, for ever, whatever the
 * reason was; nothing is emitted and nothing rejects. It is not the SDK itself, which waits 5 s to 15 s. This waits a tenth of
 * that, as the tests have little time. `test/behaviour/matrix-bot-sdk` has the SDK itself, on this module.
 */
export const likeMatrixBotSdk: BotUnderTest<AbortController> = {
  async start({ homeserverUrl, userId, accessToken = '' }) {
    const stopped = new AbortController();
    const request = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
      const response = await fetch(`${homeserverUrl}/_matrix/client/v3${path}`, {
        method,
        headers: { authorization: `Bearer ${accessToken}` },
        signal: stopped.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${response.status}`);
      return (await response.json()) as Record<string, unknown>;
    };
    const handle = async (roomId: string, event: MatrixEvent) => {
      if (event.type !== 'm.room.message' || event.sender === userId) return;
      const path = `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${randomUUID()}`;
      await request('PUT', path, { msgtype: 'm.notice', body: `You said: ${event.content.body}` });
    };
    let since: string | undefined;
    const sync = async () => {
      const query = since === undefined ? '' : `&since=${encodeURIComponent(since)}`;
      const answer = (await request('GET', `/sync?timeout=10000${query}`)) as unknown as SyncAnswer;
      const isFirst = since === undefined;
      // The position is stored before the events are handled.
      since = answer.next_batch;
      if (isFirst) return;
      for (const [roomId, room] of Object.entries(answer.rooms?.join ?? {})) {
        for (const event of room.timeline.events) await handle(roomId, event).catch(() => undefined);
      }
    };
    const loop = async () => {
      while (!stopped.signal.aborted) {
        await sync().catch(() => delay(500 + Math.random() * 1_000, undefined, { signal: stopped.signal }));
      }
    };
    loop().catch(() => undefined);
    return stopped;
  },
  stop: (stopped) => stopped.abort(),
};

interface MatrixEvent {
  readonly type: string;
  readonly sender: string;
  readonly content: { readonly body?: string };
}

interface SyncAnswer {
  readonly next_batch: string;
  readonly rooms?: {
    readonly join?: Record<string, { readonly timeline: { readonly events: readonly MatrixEvent[] } }>;
  };
}

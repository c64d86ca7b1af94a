import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RoomEvent } from 'matrix-js-sdk';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth, credentials } from '../../src/index.ts';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { quietLogger } from '../support/bot.ts';
import { call, login, tokensOf } from '../synapse/api.ts';
import { median, percentile, type Row } from './measure.ts';

const REFRESH_MS = 6_000;
const ROUNDS = 3;
const EVERY_MS = 20;

interface Times {
  readonly calls: number[];
  readonly messages: number[];
}

/** What calls and messages notice of a refresh ahead of time that takes long, with the session in SQLite. */
export async function ahead(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-bench-'));
  const homeserver = await startTestHomeserver({
    users: [
      { localpart: 'bot', password: 'password' },
      { localpart: 'alice', password: 'password' },
    ],
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  const sessions = sqliteSessions(join(folder, 'bench.db'));
  let heard: (text: string) => void = () => undefined;
  const auth = createMatrixAuth({
    ...{ homeserver: proxy.url, sessions, logger: false },
    credentials: credentials({ username: 'bot', password: 'password' }),
    client: matrixJsSdk({
      create: { logger: quietLogger },
      onClient: (client) => {
        client.on(RoomEvent.Timeline, (event) => heard(String(event.getContent()['body'])));
      },
    }),
  });
  const client = await auth.start();
  const { accessToken } = tokensOf(await login(homeserver.url, 'alice', 'password'));
  const { body } = await call(homeserver.url, 'POST', '/createRoom', {
    token: accessToken,
    body: { preset: 'public_chat' },
  });
  const roomId = String(body['room_id']);
  await client.joinRoom(roomId);

  /** One call and one message at a time, again and again until the work is done. */
  async function times(work: Promise<unknown>): Promise<Times> {
    const done = new AbortController();
    void work.finally(() => done.abort());
    const found: Times = { calls: [], messages: [] };
    for (let count = 0; !done.signal.aborted; count += 1) {
      const calledAt = performance.now();
      await (await auth.fetch(`${proxy.url}/_matrix/client/v3/devices`)).arrayBuffer();
      found.calls.push(performance.now() - calledAt);
      const text = `${count}`;
      const arrived = new Promise<void>((resolve) => {
        heard = (body) => {
          if (body === text) resolve();
        };
      });
      const sentAt = performance.now();
      await call(
        homeserver.url,
        'PUT',
        `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${crypto.randomUUID()}`,
        {
          ...{ token: accessToken, body: { msgtype: 'm.text', body: text } },
        },
      );
      await arrived;
      found.messages.push(performance.now() - sentAt);
      await delay(EVERY_MS);
    }
    return found;
  }

  const ratios: { readonly calls: number; readonly messages: number }[] = [];
  await times(delay(2_000));
  for (let round = 0; round < ROUNDS; round += 1) {
    const without = await times(delay(REFRESH_MS));
    proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'delay', delayMs: REFRESH_MS } });
    const during = await times(auth.refresh());
    const p99 = (of: 'calls' | 'messages') => percentile(during[of], 0.99) / percentile(without[of], 0.99);
    ratios.push({ calls: p99('calls'), messages: p99('messages') });
  }
  await auth.stop();
  await sessions.close();
  await proxy.stop();
  await homeserver.stop();
  await rm(folder, { recursive: true, force: true });

  const calls = median(ratios.map((ratio) => ratio.calls));
  const messages = median(ratios.map((ratio) => ratio.messages));
  return {
    what: 'Calls, and messages to a bot of matrix-js-sdk, during a refresh ahead of time that takes 6 s: p99 over p99 without it',
    result: `calls ${calls.toFixed(2)} times, messages ${messages.toFixed(2)} times`,
    reach: '≤ 1.05',
    reached: calls <= 1.05 && messages <= 1.05,
    runs: `${ROUNDS} of ${REFRESH_MS / 1_000} s each`,
    figures: { calls, messages },
  };
}

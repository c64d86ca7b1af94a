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
const ROUNDS = 7;
/** Between one call and the next. There have to be many: of 200, the 99th percentile is the last but one, and says nothing. */
const EVERY_MS = 5;

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

  /** One at a time, again and again until the work is done: what each took. */
  async function times(done: AbortSignal, what: () => Promise<void>): Promise<number[]> {
    const found: number[] = [];
    while (!done.aborted) {
      const startedAt = performance.now();
      await what();
      found.push(performance.now() - startedAt);
      await delay(EVERY_MS);
    }
    return found;
  }

  async function oneCall(): Promise<void> {
    await (await auth.fetch(`${proxy.url}/_matrix/client/v3/devices`)).arrayBuffer();
  }

  async function oneMessage(): Promise<void> {
    const txnId = crypto.randomUUID();
    const arrived = new Promise<void>((resolve) => {
      heard = (text) => {
        if (text === txnId) resolve();
      };
    });
    await call(homeserver.url, 'PUT', `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${txnId}`, {
      ...{ token: accessToken, body: { msgtype: 'm.text', body: txnId } },
    });
    await arrived;
  }

  async function during(work: Promise<unknown>): Promise<Times> {
    const done = new AbortController();
    void work.finally(() => done.abort());
    const [calls, messages] = await Promise.all([
      times(done.signal, oneCall),
      times(done.signal, oneMessage),
    ]);
    return { calls, messages };
  }

  function slowRefresh(): Promise<Times> {
    proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'delay', delayMs: REFRESH_MS } });
    return during(auth.refresh());
  }

  const rounds: { readonly without: Times; readonly refreshing: Times }[] = [];
  await during(delay(2_000));
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = round % 2 === 0 ? undefined : await slowRefresh();
    const without = await during(delay(REFRESH_MS));
    rounds.push({ without, refreshing: first ?? (await slowRefresh()) });
  }
  await auth.stop();
  await sessions.close();
  await proxy.stop();
  await homeserver.stop();
  await rm(folder, { recursive: true, force: true });

  const p99 = (of: keyof Times, when: 'without' | 'refreshing') =>
    rounds.map((round) => percentile(round[when][of], 0.99));
  const ratioOf = (of: keyof Times) => {
    const without = p99(of, 'without');
    return median(p99(of, 'refreshing').map((ms, round) => ms / (without[round] ?? Number.NaN)));
  };
  /** How far two times without a refresh are apart: what is nearer to 1 than this was not measured. */
  const noiseOf = (of: keyof Times) => {
    const [first = Number.NaN, ...next] = p99(of, 'without');
    return median(next.map((ms) => Math.max(ms / first, first / ms)));
  };
  const [calls, messages] = [ratioOf('calls'), ratioOf('messages')];
  const noise = `${noiseOf('calls').toFixed(2)} and ${noiseOf('messages').toFixed(2)} between two times without it`;
  const fewest = Math.min(
    ...rounds.flatMap((round) => Object.values(round).map((times) => times.calls.length)),
  );
  return {
    what: 'Calls, and messages to a bot of matrix-js-sdk, during a refresh ahead of time that takes 6 s: p99 over p99 without it',
    result: `calls ${calls.toFixed(2)} times, messages ${messages.toFixed(2)} times (${noise})`,
    reach: '≤ 1.05',
    reached: calls <= 1.05 && messages <= 1.05,
    runs: `${ROUNDS} of ${REFRESH_MS / 1_000} s each, ${fewest} calls or more`,
    figures: { calls, messages },
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import { createFleet, createMatrixAuth, credentials } from '../../src/index.ts';
import { startTestHomeserver } from '../../src/testing/index.ts';
import { inThousands, type Row } from './measure.ts';

const SESSIONS = 1_000;
const PER_SECOND = 20;
const OUTAGE_MS = 30_000;
const LONGEST_MS = 120_000;

const refused = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });

/** A fleet whose tokens expire in an outage, on a homeserver that limits refreshes. */
export async function fleetLimit(): Promise<Row> {
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password: 'password' }],
    accessTokenLifetimeMs: 20_000,
    refreshRateLimit: { perSecond: PER_SECOND, burst: PER_SECOND },
  });
  const fleet = createFleet();
  let away = false;
  let requests = 0;
  const sessions = Array.from({ length: SESSIONS }, (_, index) =>
    createMatrixAuth({
      ...{ fleet, homeserver: homeserver.url, logger: false },
      credentials: credentials({ username: 'bot', password: 'password', deviceId: `BENCH${index}` }),
      fetch: async (input, init) => {
        requests += 1;
        if (away) throw refused();
        return fetch(input, init);
      },
    }),
  );
  await Promise.all(sessions.map((session) => session.start()));
  requests = 0;
  away = true;
  await delay(OUTAGE_MS);
  const waiting = sessions.filter((session) => session.snapshot().state !== 'valid').length;
  homeserver.setAccessTokenLifetimeMs(3_600_000);
  away = false;
  const backAt = performance.now();
  const isBack = () => sessions.every((session) => session.snapshot().state === 'valid');
  while (!isBack() && performance.now() - backAt < LONGEST_MS) await delay(250);
  const seconds = (performance.now() - backAt) / 1_000;
  const back = sessions.filter((session) => session.snapshot().state === 'valid').length;
  const minimum = (waiting - PER_SECOND) / PER_SECOND;
  await Promise.all(sessions.map((session) => session.stop()));
  await homeserver.stop();

  const each = requests / SESSIONS;
  const ratio = seconds / minimum;
  return {
    what: `A fleet of ${inThousands(SESSIONS)} sessions after an outage of 30 s, the homeserver allows ${PER_SECOND} refreshes/s: requests per session; time until all are back, over the least that the limit allows`,
    result: `${each.toFixed(2)}; ${ratio.toFixed(2)} times: ${seconds.toFixed(0)} s over ${minimum.toFixed(0)} s, ${inThousands(back)} of ${inThousands(waiting)} are back`,
    reach: '≤ 2; ≤ 1.2',
    reached: waiting === SESSIONS && back === SESSIONS && each <= 2 && ratio <= 1.2,
    runs: '1',
    figures: { requestsPerSession: each, ratio, waiting },
  };
}

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createFleet, createMatrixAuth, type Fleet, type MatrixAuth } from '../../../src/index.ts';
import { rounds } from '../../support/long.ts';
import { connectionRefused, makeFleet, REFRESH } from './make.ts';

type Session = MatrixAuth<undefined>;

const SESSIONS = rounds({ short: 60, long: 1_000 });
const PATIENCE = { timeout: 200_000, interval: 20 };
/** To look at all of them takes a while. */
const ALL = { ...PATIENCE, interval: SESSIONS / 2 };

const start = (sessions: readonly Session[]) => Promise.all(sessions.map((session) => session.start()));
const stateOf = (session: Session | undefined) => session?.snapshot().detail;

describe('a fleet', () => {
  test(`of ${SESSIONS} sessions whose tokens expire in an outage is back with two requests or fewer each, though the homeserver limits them`, async () => {
    const world = await makeFleet(SESSIONS, {
      homeserverOptions: {
        // All have signed in by then.
        accessTokenLifetimeMs: 2_000 + 15 * SESSIONS,
        refreshRateLimit: { perSecond: 20, burst: 20 },
      },
    });
    await start(world.sessions);
    const before = world.homeserver.refreshes;
    world.sent.length = 0;
    world.between = async () => {
      throw connectionRefused();
    };
    await vi.waitFor(() => {
      expect(
        world.sessions.every((session) => session.snapshot().detail.startsWith('refreshing.required')),
      ).toBe(true);
    }, ALL);
    expect(world.sent.length).toBeLessThan(SESSIONS / 2);

    world.homeserver.setAccessTokenLifetimeMs(3_600_000);
    world.between = (send) => send();
    await vi.waitFor(() => {
      expect(world.sessions.filter((session) => session.snapshot().state !== 'valid')).toEqual([]);
    }, ALL);
    expect(world.homeserver.refreshes - before).toBeGreaterThanOrEqual(SESSIONS);
    expect(world.homeserver.logins).toBe(SESSIONS);
    expect(world.sent.length).toBeLessThanOrEqual(2 * SESSIONS);
  });

  test('waits as a whole when one session is told to wait', async () => {
    const waitMs = 1_500;
    const world = await makeFleet(20);
    await start(world.sessions);
    world.sent.length = 0;
    let toldAt = Number.NaN;
    world.between = async (send, path) => {
      if (path !== REFRESH || !Number.isNaN(toldAt)) return send();
      toldAt = performance.now();
      return Response.json({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: waitMs }, { status: 429 });
    };
    const [first, ...others] = world.sessions;
    void first?.refresh().catch(() => undefined);
    await vi.waitFor(() => expect(stateOf(first)).toBe('refreshing.ahead.backingOff'), PATIENCE);
    await Promise.all(others.map((session) => session.refresh()));
    const later = world.sent.slice(1).map(({ at }) => at - toldAt);
    expect(later.length).toBeGreaterThanOrEqual(others.length);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(waitMs);
  });

  test('refreshes what requests wait for before what is ahead of time', async () => {
    const world = await makeFleet(5, { requestsAtOnce: 1 });
    await start(world.sessions);
    const held = Promise.withResolvers<void>();
    world.between = async (send, path) => {
      if (path === REFRESH) await held.promise;
      return send();
    };
    const late = world.sessions[4];
    const order: number[] = [];
    for (const [index, session] of world.sessions.entries()) session.on('refreshed', () => order.push(index));
    const others = world.sessions.slice(0, 4).map((session) => session.refresh());
    await vi.waitFor(() => expect(world.fleet.traffic[0]?.waiting).toBe(3), PATIENCE);
    // The others are ahead of time; the token of this one is refused.
    world.homeserver.expireTokens();
    const request = late?.fetch(`${world.homeserver.url}/_matrix/client/v3/devices`);
    await vi.waitFor(() => expect(world.fleet.traffic[0]?.waiting).toBe(4), PATIENCE);
    held.resolve();
    expect((await request)?.status).toBe(200);
    await Promise.all(others);
    expect(order).toEqual([0, 4, 1, 2, 3]);
  });

  test('refreshes first what has become urgent while it waited', async () => {
    const world = await makeFleet(4, { requestsAtOnce: 1 });
    await start(world.sessions);
    const held = Promise.withResolvers<void>();
    world.between = async (send, path) => {
      if (path === REFRESH) await held.promise;
      return send();
    };
    const order: number[] = [];
    for (const [index, session] of world.sessions.entries()) session.on('refreshed', () => order.push(index));
    const refreshes = world.sessions.map((session) => session.refresh());
    await vi.waitFor(() => expect(world.fleet.traffic[0]?.waiting).toBe(3), PATIENCE);
    world.homeserver.expireTokens();
    const last = world.sessions[3];
    const request = last?.fetch(`${world.homeserver.url}/_matrix/client/v3/devices`);
    await vi.waitFor(() => expect(stateOf(last)).toBe('refreshing.required.exchanging'), PATIENCE);
    held.resolve();
    expect((await request)?.status).toBe(200);
    await Promise.all(refreshes);
    expect(order).toEqual([0, 3, 1, 2]);
  });

  test('spreads the refreshes of sessions that start together', async () => {
    const lifetimeMs = 600_000;
    const world = await makeFleet(400, { homeserverOptions: { accessTokenLifetimeMs: lifetimeMs } });
    await start(world.sessions);
    const quarters = [0, 0, 0, 0];
    for (const session of world.sessions) {
      const { next, obtainedAt = 0 } = session.snapshot();
      const share = ((next?.at ?? 0) - obtainedAt) / lifetimeMs;
      const quarter = Math.floor((share - 0.4) / 0.125);
      quarters[quarter] = (quarters[quarter] ?? 0) + 1;
    }
    expect(quarters).toHaveLength(4);
    expect(Math.min(...quarters)).toBeGreaterThan(50);
  });

  test('gives the turn of a session that is stopped to others', async () => {
    const world = await makeFleet(3, { requestsAtOnce: 1 });
    await start(world.sessions);
    const held = Promise.withResolvers<void>();
    world.between = async (send, path) => {
      if (path === REFRESH) await held.promise;
      return send();
    };
    const [first, second, third] = world.sessions;
    const refreshes = Promise.allSettled([first?.refresh(), second?.refresh(), third?.refresh()]);
    await vi.waitFor(
      () => expect(world.fleet.traffic[0]).toMatchObject({ waiting: 2, underWay: 1 }),
      PATIENCE,
    );
    await second?.stop();
    expect(world.fleet.traffic[0]).toMatchObject({ waiting: 1, underWay: 1 });
    held.resolve();
    expect((await refreshes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(world.fleet.traffic).toEqual([
      { homeserver: world.homeserver.url, waiting: 0, underWay: 0, away: false },
    ]);
  });

  test('says for each session why it waits, also for those that ask nothing themselves', async () => {
    const world = await makeFleet(3);
    await start(world.sessions);
    world.between = async () => {
      throw connectionRefused();
    };
    const told = new Map<number, string>();
    for (const [index, session] of world.sessions.entries())
      session.on('trouble', ({ code }) => void told.set(index, code));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    for (const session of world.sessions) session.refresh().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(15_000);
    vi.useRealTimers();
    expect([...told.values()]).toEqual(Array(3).fill('connection-refused'));
  });

  test('leaves the sessions of another homeserver alone', async () => {
    const world = await makeFleet(1);
    const other = await makeFleet(1, { fleet: world.fleet });
    await start([...world.sessions, ...other.sessions]);
    world.between = async () => {
      throw connectionRefused();
    };
    void world.sessions[0]?.refresh().catch(() => undefined);
    await vi.waitFor(() => expect(world.fleet.traffic.filter(({ away }) => away)).toHaveLength(1), PATIENCE);
    await other.sessions[0]?.refresh();
    expect(other.sessions[0]?.snapshot().generation).toBe(2);
  });

  test('is what createFleet gives, and lets at least one request through', () => {
    expect(() =>
      createMatrixAuth({
        homeserver: 'http://127.0.0.1:9',
        fleet: {} as Fleet,
        credentials: { kind: 'x' } as never,
      }),
    ).toThrow('createFleet()');
    expect(() => createFleet({ requestsAtOnce: 0 })).toThrow('requestsAtOnce');
  });
});

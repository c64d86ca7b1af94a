import { describe, expect, onTestFinished, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { type Frame, observe } from '../../src/observe/index.ts';
import { drive, sessionOf } from './driven.ts';

const refused = (status: number, errcode: string) => ({ endpoint: 'other', status, errcode });

/** Rejects the token in use, as a request that met a 401 does. */
function reject(driven: ReturnType<typeof drive>, errcode = 'M_UNKNOWN_TOKEN'): void {
  const generation = driven.actor.getSnapshot().context.session?.generation;
  driven.event({ type: 'token.rejected', generation, rejection: refused(401, errcode) } as { type: string });
}

describe('frames', () => {
  test('tell what happened, where it led, and how long the state before had lasted', () => {
    const driven = drive();
    const observer = observe(driven, { name: 'echo' });
    driven.signIn();
    driven.event({ type: 'refresh' });
    driven.done('exchange', { outcome: 'renewed', session: sessionOf() });
    driven.done('connect', { outcome: 'connected' });
    const told = observer.frames.map(({ event, detail, facts, left }) => [
      event,
      detail,
      facts,
      left?.detail,
    ]);
    expect(told).toEqual([
      ['observed', 'restoring.reading', [], undefined],
      ['restore done', 'reconnecting.verifying', [], 'restoring.reading'],
      ['identify done', 'reconnecting.connecting', [], 'reconnecting.verifying'],
      ['connect done', 'valid.scheduled', [], 'reconnecting.connecting'],
      ['refresh', 'refreshing.ahead.exchanging', [], 'valid.scheduled'],
      ['exchange done', 'reconnecting.connecting', ['refreshed'], 'refreshing.ahead.exchanging'],
      ['connect done', 'valid.scheduled', [], 'reconnecting.connecting'],
    ]);
    expect(observer.frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(observer.frames.every(({ bot, left }) => bot === 'echo' && (left?.afterMs ?? 0) >= 0)).toBe(true);
  });

  test('show the session, and what happens next', () => {
    const driven = drive();
    const observer = observe(driven);
    const obtainedAt = Date.now();
    driven.signIn({ fingerprint: '0000000f', generation: 7_000, obtainedAt, expiresAt: obtainedAt + 90_000 });
    expect(observer.now()).toMatchObject({
      state: 'valid',
      userId: '@bot:example.org',
      deviceId: 'BOT',
      generation: 7_000,
      fingerprint: '0000000f',
      obtainedAt,
      expiresAt: obtainedAt + 90_000,
      tags: ['usable', 'live'],
      next: { what: 'refresh', at: obtainedAt + 60_000 },
    });
  });

  test('name the homeserver without what may be secret in its address, and the process', () => {
    const homeserver = `https://bot:canary-pw-${'x'.repeat(12)}@matrix.example.org:8448/a/path?with=more`;
    const observer = observe({ ...drive(), homeserver });
    expect(observer.now().homeserver).toBe('https://matrix.example.org:8448');
    expect(observer.now().process).toMatchObject({
      host: expect.stringMatching(/^[\w.-]+$/),
      pid: process.pid,
      node: process.versions.node,
      version: packageJson.version,
    });
    expect(observe({ ...drive(), homeserver: 'file:///etc' }).now()).not.toHaveProperty('homeserver');
    expect(observe(drive()).now()).not.toHaveProperty('homeserver');
  });

  test('measure how long there was no usable token, and how long it took to get one and to be live', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
    const driven = drive();
    const observer = observe(driven);
    pass(5_000);
    driven.done('restore', { outcome: 'empty', canLogIn: true });
    pass(300);
    expect(observer.now().durations).toEqual({ withoutTokenMs: 5_300 });
    driven.done('logIn', { outcome: 'renewed', session: sessionOf() });
    driven.done('identify', { outcome: 'identified', userId: '@bot:example.org', deviceId: 'BOT' });
    pass(40);
    driven.done('connect', { outcome: 'connected' });
    pass(60_000);
    expect(observer.now().durations).toEqual({ refreshMs: 300, reconnectMs: 40, withoutTokenMs: 5_300 });
  });

  test('say since when they count', () => {
    const before = Date.now();
    const observer = observe(drive());
    const { since } = observer.now().counters;
    expect(since).toBeGreaterThanOrEqual(before);
    expect(since).toBeLessThanOrEqual(Date.now());
    expect(observer.now().counters.since).toBe(since);
  });

  test('have all warnings of their step', () => {
    const driven = drive();
    const observer = observe(driven);
    driven.done('restore', {
      outcome: 'restored',
      session: sessionOf(),
      canLogIn: true,
      givenToken: 'someone-else',
    });
    expect(observer.frames.at(-1)).toMatchObject({
      facts: ['warning'],
      warnings: ['given-token-of-another-user'],
    });
    expect(observer.now()).not.toHaveProperty('warnings');
  });

  test('show each session as it is, whatever the one before was', () => {
    const one = drive();
    const other = drive();
    const [here, there] = [observe(one, { name: 'one' }), observe(other, { name: 'other' })];
    const shown = () =>
      [here, there].map((observer) => {
        const { userId, deviceId, fingerprint } = observer.now();
        return [userId, deviceId, fingerprint];
      });
    one.signIn({ userId: '@a:example.org', deviceId: 'A', fingerprint: '0000000a' });
    other.signIn({ userId: '@b:example.org', deviceId: 'A', fingerprint: '0000000b' });
    expect(shown()).toEqual([
      ['@a:example.org', 'A', '0000000a'],
      ['@b:example.org', 'A', '0000000b'],
    ]);
    one.signIn({ userId: '@a:example.org', deviceId: 'C', fingerprint: '0000000a' });
    other.signIn({ userId: '@b:example.org', deviceId: 'not a device', fingerprint: 'not one' });
    expect(shown()).toEqual([
      ['@a:example.org', 'C', '0000000a'],
      ['@b:example.org', undefined, undefined],
    ]);
  });

  test('count refusals by their meaning, and every request that was refused for its token', () => {
    const driven = drive();
    const observer = observe(driven);
    driven.signIn({ obtainedAt: Date.now() - 200_000 });
    reject(driven);
    reject(driven);
    driven.done('exchange', {
      outcome: 'refused',
      rejection: { endpoint: 'refresh', status: 502 },
    });
    expect(observer.now()).toMatchObject({
      detail: 'refreshing.required.backingOff',
      trouble: 'refresh: 502',
      counters: {
        rejections: 2,
        troubles: 1,
        refusals: { other: { 'token-dead': 2 }, refresh: { transient: 1 } },
      },
      next: { what: 'try again' },
    });
    expect(observer.frames.at(-1)).toMatchObject({
      event: 'exchange done',
      outcome: 'refused',
      refusal: { endpoint: 'refresh', status: 502, meaning: 'transient' },
    });
  });

  test('count on, whatever a listener does to its frame', () => {
    const driven = drive();
    const observer = observe(driven, { logger: { warn() {} } });
    observer.subscribe(({ counters }) => {
      Object.assign(counters, { rejections: 99 });
    });
    driven.signIn();
    reject(driven);
    expect(observer.now().counters.rejections).toBe(1);
  });

  test('say what to do after a failure', () => {
    const driven = drive();
    const observer = observe(driven);
    driven.done('restore', { outcome: 'empty', canLogIn: false });
    expect(observer.now()).toMatchObject({
      state: 'failed',
      reason: 'no-credentials',
      advice: expect.stringContaining('MATRIX_PASSWORD'),
      tags: ['needs-person'],
      counters: { failures: 1 },
    });
  });

  test('measure the time without a token up to the moment at which they are read', () => {
    const driven = drive();
    const observer = observe(driven);
    driven.signIn();
    const { withoutTokenMs } = observer.now().durations;
    expect(withoutTokenMs).toBeGreaterThanOrEqual(0);
    expect(observer.now().durations.withoutTokenMs).toBe(withoutTokenMs);
    expect(observer.now().durations.reconnectMs).toBeGreaterThanOrEqual(0);
  });

  test('tell how many requests are held, without a change of the state', () => {
    const driven = drive();
    const observer = observe(driven);
    driven.held = 12;
    expect(observer.held).toBe(12);
    expect(observer.now().counters.held).toBe(12);
  });

  test('end when the session is stopped', async () => {
    const driven = drive();
    const observer = observe(driven);
    const all: string[] = [];
    driven.event({ type: 'stop' });
    for await (const { state } of observer.stream({ kept: true })) all.push(state);
    expect(all).toEqual(['restoring', 'stopped']);
  });

  test('say so when the machine breaks, and end', async () => {
    const driven = drive();
    const observer = observe(driven);
    driven.signIn();
    // An event that no adapter sends: the machine's own code throws on it.
    const generation = driven.actor.getSnapshot().context.session?.generation;
    driven.event({ type: 'token.rejected', generation } as { type: string });
    expect(observer.now()).toMatchObject({
      state: 'stopped',
      tags: [],
      trouble: 'the machine has stopped by a bug',
    });
    const all: string[] = [];
    for await (const { event, state } of observer.stream({ kept: true })) all.push(`${event}: ${state}`);
    expect(all.at(-1)).toBe('token.rejected: stopped');
  });
});

describe('an observer', () => {
  test('keeps the last frames, and no more', () => {
    const driven = drive();
    const observer = observe(driven, { keep: 3 });
    driven.signIn();
    driven.signIn();
    expect(observer.frames).toHaveLength(3);
    expect(observer.frames.at(-1)?.seq).toBe(observer.seq);
    expect(observer.framesAfter(observer.seq - 1)).toHaveLength(1);
    expect(observer.framesAfter(0)).toHaveLength(3);
  });

  test('calls its listeners until they leave; one that throws is told so once, and harms nobody', () => {
    const driven = drive();
    const warnings: string[] = [];
    const observer = observe(driven, { name: 'echo', logger: { warn: (line) => warnings.push(line) } });
    const seen: Frame[] = [];
    observer.subscribe(() => {
      throw new RangeError('of a listener');
    });
    const leave = observer.subscribe((frame) => seen.push(frame));
    driven.signIn();
    expect(seen.map(({ state }) => state)).toEqual(['reconnecting', 'reconnecting', 'valid']);
    leave();
    driven.signIn();
    expect(seen).toHaveLength(3);
    expect(warnings).toEqual([expect.stringMatching(/"echo" threw RangeError/)]);
  });

  test('gives each reader of its stream every frame, and a slow one the latest with the number that it lost', async () => {
    const driven = drive();
    const observer = observe(driven, { keep: 4 });
    driven.signIn();
    const slow = observer.stream();
    const quick = observer.stream();
    const seen: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const next = quick.next();
      driven.event({ type: 'session.adopted', session: sessionOf() } as { type: string });
      seen.push((await next).value?.seq ?? 0);
      const after = quick.next();
      driven.done('connect', { outcome: 'connected' });
      seen.push((await after).value?.seq ?? 0);
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 5));
    expect(quick.dropped).toBe(0);
    const read: number[] = [];
    for (let count = 0; count < 4; count += 1) read.push((await slow.next()).value?.seq ?? 0);
    expect(read).toEqual([21, 22, 23, 24]);
    expect(slow.dropped).toBe(16);
  });

  test('ends a stream at the reader’s wish, also while it waits', async () => {
    const driven = drive();
    const observer = observe(driven);
    const abort = new AbortController();
    const waiting = observer.stream({ signal: abort.signal }).next();
    abort.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const other = observer.stream();
    const last = other.next();
    await other.return?.();
    expect(await last).toEqual({ done: true, value: undefined });
    const third = observer.stream().next();
    observer.stop();
    expect(await third).toEqual({ done: true, value: undefined });
    expect(driven.actor.getSnapshot().status).toBe('active');
  });

  test('leaves the log of what nobody listens for as it was', () => {
    const driven = drive();
    const emitted: string[] = [];
    observe(driven);
    driven.actor.on('failed', ({ reason }) => emitted.push(reason));
    driven.done('restore', { outcome: 'empty', canLogIn: false });
    expect(emitted).toEqual(['no-credentials']);
  });

  test.each([
    [{ name: '' }, /"name"/],
    [{ keep: 0 }, /"keep"/],
    [{ keep: 1.5 }, /"keep"/],
  ])('refuses the options %j', (options, message) => {
    expect(() => observe(drive(), options)).toThrow(message);
  });
});

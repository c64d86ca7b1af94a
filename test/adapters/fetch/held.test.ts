import { getEventListeners } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RequestHeldTooLongError, TooManyRequestsHeldError } from '../../../src/adapters/fetch/index.ts';
import { json, startTinyServer } from '../homeserver/tiny-server.ts';
import { Harness, unknownToken } from './harness.ts';

const SYNC = '/_matrix/client/v3/sync';

async function setUp(options: { readonly maxHeld?: number; readonly maxHeldMs?: number } = {}) {
  const server = await startTinyServer((response) => json(response, 200, {}));
  const session = new Harness({ homeserver: server.url, ...options });
  session.move('waiting');
  return { server, session, url: `${server.url}${SYNC}` };
}

describe('requests without a usable token', () => {
  it('wait, and are sent together when there is one', async () => {
    const { server, session, url } = await setUp();
    const answers = Array.from({ length: 50 }, () => session.fetch(url));
    expect(session.held).toBe(50);
    expect(server.seen).toHaveLength(0);
    session.renew();
    expect(session.held).toBe(0);
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(server.seen).toHaveLength(50);
    expect(new Set(server.seen.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer token-2']),
    );
  });

  it('stay where they are while nothing has changed', async () => {
    const { session, url } = await setUp();
    const answer = session.fetch(url);
    session.gate.update();
    expect(session.held).toBe(1);
    session.renew();
    await answer;
  });
});

describe('the signal of the caller', () => {
  it('ends the wait at once, with its own reason', async () => {
    const { server, session, url } = await setUp();
    const abort = new AbortController();
    const answer = session.fetch(url, { signal: abort.signal });
    expect(session.held).toBe(1);
    abort.abort();
    expect(session.held).toBe(0);
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    await expect(answer).rejects.toBe(abort.signal.reason);
    session.renew();
    expect(server.seen).toHaveLength(0);
  });

  it('of a Request ends the wait, too', async () => {
    const { session, url } = await setUp();
    const abort = new AbortController();
    const answer = session.fetch(new Request(url, { signal: abort.signal }));
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(session.held).toBe(0);
  });

  it('that is aborted already holds nothing', async () => {
    const { session, url } = await setUp();
    await expect(session.fetch(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(session.held).toBe(0);
  });

  it('ends a request that is in flight', async () => {
    const server = await startTinyServer(() => {});
    const session = new Harness({ homeserver: server.url });
    const abort = new AbortController();
    const answer = session.fetch(`${server.url}${SYNC}`, { signal: abort.signal });
    await server.arrived(1);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('ends a request that was refused and waits, and the session is renewed all the same', async () => {
    const server = await startTinyServer((response) => json(response, 401, unknownToken));
    const session = new Harness({ homeserver: server.url });
    const abort = new AbortController();
    const answer = session.fetch(`${server.url}${SYNC}`, { signal: abort.signal });
    await session.rejected(1);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(session.rejections).toHaveLength(1);
    expect(session.held).toBe(0);
    expect(server.seen).toHaveLength(1);
  });

  it('keeps no listener of a wait that is over, however it ended', async () => {
    const { session } = await setUp();
    const abort = new AbortController();
    const listeners = () => getEventListeners(abort.signal, 'abort').length;
    const opened = session.gate.pass(abort.signal);
    expect(listeners()).toBe(1);
    session.move('open');
    await opened;
    expect(listeners()).toBe(0);

    session.move('waiting');
    const closed = session.gate.pass(abort.signal);
    session.move('failed');
    await expect(closed).rejects.toThrow('failed');
    session.move('waiting');
    const aborted = session.gate.pass(abort.signal);
    abort.abort();
    await expect(aborted).rejects.toThrow('aborted');
    expect(listeners()).toBe(0);
  });
});

it('keeps no timer of a wait that is over', async () => {
  const { session } = await setUp();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const opened = session.gate.pass();
  expect(vi.getTimerCount()).toBe(1);
  session.move('open');
  await opened;
  expect(vi.getTimerCount()).toBe(0);
});

describe('the bounds', () => {
  it('maxHeld: one more is refused, with a typed error that says so', async () => {
    const { server, session, url } = await setUp({ maxHeld: 2 });
    const held = [session.fetch(url), session.fetch(url)];
    await expect(session.fetch(url)).rejects.toThrow(TooManyRequestsHeldError);
    await expect(session.fetch(url)).rejects.toMatchObject({ name: 'TooManyRequestsHeldError' });
    await expect(session.fetch(url)).rejects.toThrow(/2 requests already wait.*"maxHeld"/);
    session.renew();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    expect(server.seen).toHaveLength(2);
  });

  it('maxHeld: a place that was left can be taken', async () => {
    const { session, url } = await setUp({ maxHeld: 1 });
    const abort = new AbortController();
    const first = session.fetch(url, { signal: abort.signal });
    abort.abort();
    await expect(first).rejects.toThrow('aborted');
    const second = session.fetch(url);
    session.renew();
    expect((await second).status).toBe(200);
  });

  it('maxHeldMs: the wait ends with a typed error that says so', async () => {
    const { server, session, url } = await setUp({ maxHeldMs: 20 });
    const answer = session.fetch(url);
    await expect(answer).rejects.toThrow(RequestHeldTooLongError);
    await expect(answer).rejects.toMatchObject({ name: 'RequestHeldTooLongError' });
    await expect(answer).rejects.toThrow(/waited 20 ms.*"maxHeldMs"/);
    expect(session.held).toBe(0);
    session.renew();
    expect(server.seen).toHaveLength(0);
  });

  it('maxHeldMs bounds the sum of the waits of a request', async () => {
    const server = await startTinyServer((response) => json(response, 401, unknownToken));
    const session = new Harness({ homeserver: server.url, maxHeldMs: 60 });
    // Every wait is short; together they are not.
    session.onRejected = () => {
      session.move('waiting');
      setTimeout(() => session.renew(), 10);
    };
    await expect(session.fetch(`${server.url}${SYNC}`)).rejects.toThrow(RequestHeldTooLongError);
  });

  it('maxHeldMs: neither the time on the wire nor a clock that is set counts as waiting', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const session = new Harness({
      homeserver: 'http://127.0.0.1:1',
      maxHeldMs: 1_000,
      fetch: async (_, init) => {
        // A long upload, during which the clock is set as well.
        vi.advanceTimersByTime(5_000);
        vi.setSystemTime(Date.now() + 3_600_000);
        const token = new Headers(init?.headers).get('authorization');
        return token === 'Bearer token-1' ? Response.json(unknownToken, { status: 401 }) : Response.json({});
      },
    });
    const answer = session.fetch('http://127.0.0.1:1/_matrix/media/v3/upload', { method: 'POST', body: 'x' });
    await session.rejected(1);
    vi.advanceTimersByTime(999);
    session.renew();
    expect((await answer).status).toBe(200);
  });

  it('maxHeldMs: a request that has waited longer already does not wait, and no timer warns', async () => {
    const { session } = await setUp({ maxHeldMs: 60 });
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const old = session.gate.pass(undefined, { ms: 61 });
    await expect(old).rejects.toThrow(RequestHeldTooLongError);
    expect(warnings).toEqual([]);
  });

  it('maxHeldMs Infinity means no limit', async () => {
    const { session, url } = await setUp({ maxHeldMs: Number.POSITIVE_INFINITY });
    const answer = session.fetch(url).catch((error: unknown) => error);
    // Longer than the one millisecond that Node makes of a timer that is too long.
    await new Promise((resolve) => setTimeout(resolve, 20));
    session.renew();
    expect(await answer).toBeInstanceOf(Response);
  });
});

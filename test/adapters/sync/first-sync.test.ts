import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstSync } from '../../../src/adapters/sync/index.ts';
import type { SyncTrouble } from '../../../src/ports/index.ts';

const ANSWER = { next_batch: 's1', rooms: {} };

/** An initial sync on answers given in order; the last one is given for ever. */
function syncOn(...answers: readonly (() => Response | Promise<Response>)[]) {
  const urls: string[] = [];
  const troubles: SyncTrouble[] = [];
  const controller = new AbortController();
  const result = firstSync({
    homeserverUrl: 'https://matrix.example.org',
    fetch: async (input) => {
      urls.push(new Request(input).url);
      const answer = answers[Math.min(urls.length, answers.length) - 1];
      if (answer === undefined) throw new Error('No answer was given.');
      return answer();
    },
    filter: { room: { timeline: { types: ['m.room.message'] } } },
    limit: 8,
    lazyLoadMembers: true,
    signal: controller.signal,
    onTrouble: (trouble) => troubles.push(trouble),
  });
  let done = false;
  result.then(
    () => {
      done = true;
    },
    () => undefined,
  );
  return { urls, troubles, controller, result, isDone: () => done };
}

const ok = () => Response.json(ANSWER);
const gatewayTimeout = () => new Response('<html>', { status: 504 });
const refused =
  (errcode = 'M_FORBIDDEN') =>
  () =>
    Response.json({ errcode }, { status: 403 });
const unanswered = () => new Promise<Response>(() => {});
const unreachable = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }));

describe('the initial sync', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('is the same request each time, and asks for what the client will ask for', async () => {
    const { urls, result } = syncOn(gatewayTimeout, unreachable, ok);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await result).toEqual(ANSWER);
    expect(urls).toHaveLength(3);
    expect(new Set(urls).size).toBe(1);
    const { searchParams } = new URL(urls[0] as string);
    expect(searchParams.get('timeout')).toBe('0');
    expect(JSON.parse(searchParams.get('filter') as string)).toMatchObject({
      room: { timeline: { types: ['m.room.message'], limit: 8 }, state: { lazy_load_members: true } },
    });
  });

  it('is another request for each that begins', () => {
    expect(syncOn(unanswered).urls).not.toEqual(syncOn(unanswered).urls);
  });

  it.each([
    ['HTML', () => new Response('<html>')],
    ['an answer without a position', () => Response.json({ rooms: {} })],
    ['null', () => Response.json(null)],
  ])('takes no %s for an answer', async (_, answer) => {
    const { urls, result } = syncOn(answer, ok);
    await vi.advanceTimersByTimeAsync(500);
    expect(await result).toEqual(ANSWER);
    expect(urls).toHaveLength(2);
  });

  it.each([
    ['the header, in seconds', 429, { 'retry-after': '20' }, {}, 20_000],
    ['the body, in ms', 429, {}, { retry_after_ms: 20_000 }, 20_000],
    ['at most an hour', 429, { 'retry-after': '86400' }, {}, 3_600_000],
    ['at most an hour, were it 310 digits', 429, { 'retry-after': '9'.repeat(310) }, {}, 3_600_000],
    ['at most a minute of a 5xx', 503, { 'retry-after': '86400' }, {}, 60_000],
    ['not a time that has passed', 503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, {}, 500],
    ['nothing that is none', 429, { 'retry-after': 'soon' }, { retry_after_ms: '9' }, 500],
  ])('waits as long as it is asked to: %s', async (_, status, headers, body, waitMs) => {
    const { urls, isDone } = syncOn(() => Response.json(body, { status, headers }), ok);
    await vi.advanceTimersByTimeAsync(waitMs - 1);
    expect(urls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(isDone()).toBe(true);
  });

  it('of bots that are refused together is asked for again at other times, and by none sooner than it may', async () => {
    const limited = (retry_after_ms?: number) => () =>
      Response.json({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms }, { status: 429 });
    const bots = [0, 0.5, 1].map((random) => {
      vi.mocked(Math.random).mockReturnValueOnce(random);
      return syncOn(limited(), limited(5_000), ok);
    });
    const asked = () => bots.map(({ urls }) => urls.length);
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(250);
    expect(asked()).toEqual([1, 1, 2]);
    await vi.advanceTimersByTimeAsync(125);
    expect(asked()).toEqual([1, 2, 2]);
    await vi.advanceTimersByTimeAsync(4_874);
    expect(asked()).toEqual([2, 2, 2]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked()).toEqual([3, 3, 3]);
  });

  it('pauses ever longer, at most half a minute', async () => {
    const { urls } = syncOn(gatewayTimeout);
    await vi.advanceTimersByTimeAsync(500 + 1_000 + 2_000 + 4_000 + 8_000 + 16_000 + 30_000);
    expect(urls).toHaveLength(8);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(urls).toHaveLength(8);
  });

  it('ends with the signal’s reason, and asks no more', async () => {
    const { urls, controller, result } = syncOn(gatewayTimeout);
    await vi.advanceTimersByTimeAsync(100);
    controller.abort(new Error('given up'));
    await expect(result).rejects.toThrow('given up');
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(urls).toHaveLength(1);
  });

  it('that is quick is not reported', async () => {
    const { troubles, result } = syncOn(gatewayTimeout, refused(), ok);
    await vi.advanceTimersByTimeAsync(1_500);
    await result;
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(troubles).toEqual([]);
  });

  it('that has no answer is reported after ten seconds, and then ever more seldom', async () => {
    const { troubles } = syncOn(unanswered);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(troubles).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(troubles).toEqual([{ code: 'sync-slow', initial: true, sinceMs: 10_000, attempts: 0 }]);
    await vi.advanceTimersByTimeAsync(4 * 3_600_000);
    expect(troubles.map(({ sinceMs }) => sinceMs)).toEqual([
      10_000, 60_000, 600_000, 3_600_000, 7_200_000, 10_800_000, 14_400_000,
    ]);
  });

  it('that fails is reported with what the last try met', async () => {
    const { troubles } = syncOn(unreachable, gatewayTimeout);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(troubles).toEqual([
      { code: 'sync-slow', initial: true, sinceMs: 10_000, attempts: 5, status: 504 },
    ]);
    const away = syncOn(unreachable);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(away.troubles).toMatchObject([{ why: 'ECONNREFUSED' }]);
  });

  it('that is refused is reported when the refusal repeats, and when it changes', async () => {
    const { troubles } = syncOn(refused(), refused(), refused(), refused('M_LIMIT'), refused('M_LIMIT'));
    await vi.advanceTimersByTimeAsync(500);
    expect(troubles).toMatchObject([
      { code: 'sync-refused', status: 403, errcode: 'M_FORBIDDEN', attempts: 2, initial: true },
    ]);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(troubles).toHaveLength(2);
    expect(troubles[1]).toMatchObject({ code: 'sync-refused', errcode: 'M_LIMIT', attempts: 5 });
    await vi.advanceTimersByTimeAsync(60_000 - 7_501);
    expect(troubles).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(troubles).toHaveLength(3);
  });

  it.each([401, 429, 500])('that meets %i is not refused', async (status) => {
    const { troubles } = syncOn(() => Response.json({}, { status }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(troubles).toMatchObject([{ code: 'sync-slow', status }]);
  });
});

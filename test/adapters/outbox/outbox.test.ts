import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readRejection } from '../../../src/adapters/homeserver/index.ts';
import { type MessageOutcome, Outbox } from '../../../src/adapters/outbox/index.ts';
import { memorySessions } from '../../../src/index.ts';
import type { SessionStore } from '../../../src/ports/index.ts';
import { interruptible } from '../sessions/keeper-fixtures.ts';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

type Answer = Response | Error;

const ROOM = '!a:example.org';
const OTHER = '!b:example.org';
const text = (body: string) => ({ msgtype: 'm.text', body });
const refusal = (status: number, errcode: string, headers = {}) =>
  Response.json({ errcode, error: 'no' }, { status, headers });
const html = (status: number) => new Response('<html>', { status });

interface World {
  /** What answers a `PUT …/send/…` instead of the homeserver, in order. */
  readonly answers?: (Answer | Promise<Answer>)[];
  /** Each page of a room, newest event first. */
  readonly timeline?: readonly object[];
  readonly encrypted?: boolean;
  /** The client has keys. */
  readonly keys?: boolean;
  readonly store?: SessionStore;
  readonly userId?: string;
  readonly maxMessages?: number;
}

/** An outbox on a homeserver that takes everything. */
function outboxOn({
  answers = [],
  timeline = [],
  encrypted = false,
  keys = false,
  store = memorySessions(),
  userId = '@bot:example.org',
  maxMessages = 100,
}: World = {}) {
  const requests: Request[] = [];
  const outcomes: [string, MessageOutcome][] = [];
  const session = { open: true };
  const outbox = new Outbox({
    store,
    name: 'bot',
    limits: { maxMessages, maxAgeMs: 3_600_000 },
    homeserverUrl: () => 'https://matrix.example.org',
    userId: () => userId,
    isOpen: () => session.open,
    // Never the same twice, as with real keys.
    encrypt: async (_room, _type, { body }) =>
      keys ? { ciphertext: `${String(body)} ${Math.random()}` } : undefined,
    closedError: () => new Error('stopped'),
    readRejection,
    onOutcome: ({ id }, outcome) => outcomes.push([id, outcome]),
    async fetch(input, init) {
      const url = new URL(new globalThis.Request(input).url);
      requests.push({
        method: init?.method ?? 'GET',
        path: url.pathname,
        body: typeof init?.body === 'string' ? init.body : '',
      });
      if (url.pathname.endsWith('/state/m.room.encryption'))
        return encrypted ? Response.json({ algorithm: 'm.megolm.v1.aes-sha2' }) : refusal(404, 'M_NOT_FOUND');
      if (url.pathname.endsWith('/messages')) return Response.json({ chunk: timeline });
      const answer = await (answers.shift() ?? Response.json({ event_id: `$${sends().length}` }));
      init?.signal?.throwIfAborted();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const sends = () => requests.filter(({ method }) => method === 'PUT');
  const bodies = () => sends().map(({ body }) => (JSON.parse(body) as { body: string }).body);
  const txnIds = () => sends().map(({ path }) => path.split('/').at(-1));
  return { outbox, store, requests, outcomes, session, sends, bodies, txnIds };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('a message that is to be sent', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits for those before it in its room, and not for other rooms', async () => {
    const first = Promise.withResolvers<Response>();
    const { outbox, bodies } = outboxOn({ answers: [first.promise] });
    const sent = [outbox.send(ROOM, text('one')), outbox.send(ROOM, text('two'))];
    await settle();
    sent.push(outbox.send(OTHER, text('elsewhere')));
    await settle();
    expect(bodies()).toEqual(['one', 'elsewhere']);
    expect(outbox.length).toBe(2);
    first.resolve(Response.json({ event_id: '$first' }));
    expect((await Promise.all(sent)).map(({ eventId }) => eventId)).toEqual(['$first', '$3', '$2']);
    expect(bodies()).toEqual(['one', 'elsewhere', 'two']);
    expect(outbox.length).toBe(0);
  });

  it('is repeated as the same transaction until the homeserver has it', async () => {
    const answers = [
      html(502),
      new TypeError('fetch failed'),
      html(403),
      refusal(401, 'M_UNKNOWN_TOKEN'),
      Response.json({ nonsense: true }),
    ];
    const { outbox, txnIds, outcomes } = outboxOn({ answers });
    const sent = outbox.send(ROOM, text('one'), { id: 'one' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await sent).toEqual({ id: 'one', eventId: '$6' });
    expect(txnIds()).toHaveLength(6);
    expect(new Set(txnIds()).size).toBe(1);
    expect(outcomes).toEqual([['one', { outcome: 'delivered', eventId: '$6' }]]);
  });

  it('is another transaction than any other', async () => {
    const { outbox, txnIds } = outboxOn();
    await Promise.all([outbox.send(ROOM, text('same')), outbox.send(ROOM, text('same'))]);
    expect(new Set(txnIds()).size).toBe(2);
  });

  it('waits as long as the homeserver limits the rate, and so do all others', async () => {
    const { outbox, bodies } = outboxOn({
      answers: [refusal(429, 'M_LIMIT_EXCEEDED', { 'retry-after': '10' })],
    });
    const one = outbox.send(ROOM, text('one'));
    await settle();
    const other = outbox.send(OTHER, text('other'));
    await vi.advanceTimersByTimeAsync(9_999);
    outbox.wake();
    await settle();
    expect(bodies()).toEqual(['one']);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([one, other]);
    expect(bodies().toSorted()).toEqual(['one', 'one', 'other']);
  });

  it('waits until there is a session, and is sent at once then', async () => {
    const { outbox, session, sends } = outboxOn();
    session.open = false;
    const sent = outbox.send(ROOM, text('one'));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sends()).toEqual([]);
    session.open = true;
    outbox.wake();
    await sent;
  });

  it('that is refused is not tried again, and the next one goes on', async () => {
    const { outbox, outcomes } = outboxOn({ answers: [refusal(403, 'M_FORBIDDEN')] });
    const refused = outbox.send(ROOM, text('one'), { id: 'one' });
    const next = outbox.send(ROOM, text('two'), { id: 'two' });
    await expect(refused).rejects.toMatchObject({
      name: 'MessageRefusedError',
      id: 'one',
      status: 403,
      errcode: 'M_FORBIDDEN',
      message:
        'The message was not sent: the homeserver refuses it: 403 M_FORBIDDEN (no). It is not tried again.',
    });
    await next;
    expect(outcomes.map(([id, { outcome }]) => [id, outcome])).toEqual([
      ['one', 'refused'],
      ['two', 'delivered'],
    ]);
  });

  it('too large for a proxy is refused', async () => {
    const { outbox } = outboxOn({ answers: [html(413)] });
    await expect(outbox.send(ROOM, text('one'))).rejects.toMatchObject({ status: 413 });
  });

  it.each([
    { tried: false, world: {} },
    { tried: true, world: { answers: Array.from({ length: 50 }, () => new TypeError('fetch failed')) } },
  ])('that has waited for too long expires (tried: $tried)', async ({ tried, world }) => {
    const { outbox, session, outcomes } = outboxOn(world);
    session.open = tried;
    const sent = outbox.send(ROOM, text('one'), { id: 'one', maxAgeMs: 10_000 });
    const failed = sent.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(outcomes).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failed).toMatchObject({ name: 'MessageExpiredError', id: 'one', maybeSent: tried });
    expect(outcomes).toEqual([['one', { outcome: 'expired', maybeSent: tried }]]);
    expect(outbox.length).toBe(0);
  });

  it('is not queued if too many are', async () => {
    const { outbox, session } = outboxOn({ maxMessages: 2 });
    session.open = false;
    for (const body of ['one', 'two']) outbox.send(ROOM, text(body)).catch(() => undefined);
    await expect(outbox.send(ROOM, text('three'))).rejects.toMatchObject({ name: 'OutboxFullError' });
    expect(outbox.length).toBe(2);
  });

  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  it.each<[unknown, string]>([
    [circle, 'a content that is no JSON (Converting circular structure to JSON)'],
    [{ size: 1n }, 'a content that is no JSON (Do not know how to serialize a BigInt)'],
    [undefined, 'undefined as the content of a message: that has to be an object'],
    [null, 'null as the content'],
    ['Hello', 'a string as the content'],
    [['Hello'], 'an array as the content'],
    [() => 'Hello', 'a function as the content'],
  ])('has to be a JSON object, and %o is told to be none', async (content, words) => {
    const { outbox, requests } = outboxOn();
    const sent = outbox.send(ROOM, content as Record<string, unknown>);
    await expect(sent).rejects.toThrow(TypeError);
    await expect(sent).rejects.toThrow(words);
    await expect(sent).rejects.toThrow('The message was not queued.');
    expect([outbox.length, requests]).toEqual([0, []]);
  });

  it.each([
    ['#alias:example.org', 'the room "#alias:example.org": the id of a room begins with "!"'],
    [undefined, 'the room undefined'],
    [{ roomId: ROOM }, 'the room an object'],
  ])('goes to the id of a room, and %o is told to be none', async (roomId, words) => {
    const { outbox } = outboxOn();
    await expect(outbox.send(roomId as string, text('one'))).rejects.toThrow(words);
    expect(outbox.length).toBe(0);
  });

  it('that nobody waits for ends no process, whatever becomes of it', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const { outbox, outcomes } = outboxOn({ answers: [refusal(403, 'M_FORBIDDEN'), new Promise(() => {})] });
    void outbox.send(ROOM, text('refused'), { id: 'refused' });
    void outbox.send(ROOM, text('expired'), { id: 'expired', maxAgeMs: 0 });
    void outbox.send(ROOM, text('stopped'), { id: 'stopped' });
    await settle();
    const stopping = outbox.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    await stopping;
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    expect(outcomes.map(([id]) => id)).toEqual(['refused', 'expired']);
  });

  it('is what it was when it was queued', async () => {
    const { outbox, bodies } = outboxOn();
    const content = text('before');
    const sent = outbox.send(ROOM, content);
    content.body = 'after';
    await sent;
    expect(bodies()).toEqual(['before']);
  });

  it('with the id of another one is that one, while that waits and after it', async () => {
    const { outbox, store, sends } = outboxOn();
    const both = await Promise.all([1, 2].map(() => outbox.send(ROOM, text('one'), { id: 'one' })));
    expect(both[0]).toEqual(both[1]);
    expect(await outbox.send(ROOM, text('one'), { id: 'one' })).toEqual(both[0]);
    expect(sends()).toHaveLength(1);
    await outbox.stop();
    const later = outboxOn({ store });
    expect(await later.outbox.send(ROOM, text('one'), { id: 'one' })).toEqual(both[0]);
    expect(later.requests).toEqual([]);
  });

  it('is remembered as long as its handler may run again: all of them until everything is handled, then the last 200', async () => {
    const { outbox, store } = outboxOn({ maxMessages: 1_000 });
    const say = (on: Outbox, id: number) => on.send(ROOM, text(`${id}`), { id: `${id}` });
    outbox.sentIds.rememberAll();
    const ids = Array.from({ length: 300 }, (_, index) => index);
    await Promise.all(ids.map((id) => say(outbox, id)));
    outbox.sentIds.settled();
    await say(outbox, 300);
    await outbox.stop();

    // It was killed before it was stored that everything is handled.
    const second = outboxOn({ store });
    second.outbox.sentIds.rememberAll();
    for (const id of ids) await say(second.outbox, id);
    expect(second.requests).toEqual([]);
    await say(second.outbox, 301);
    expect((await store.read('bot', 'outbox'))?.sent).toHaveLength(302);
    second.outbox.sentIds.settled()();
    await say(second.outbox, 302);
    await second.outbox.stop();
    expect((await store.read('bot', 'outbox'))?.sent.map(({ id }) => id)).toEqual(
      Array.from({ length: 200 }, (_, index) => `${index + 103}`),
    );
  });

  it('is not sent in clear to an encrypted room', async () => {
    const { outbox, sends } = outboxOn({ encrypted: true });
    await expect(outbox.send(ROOM, text('one'))).rejects.toThrow(/room is encrypted/);
    expect(sends()).toEqual([]);
    await outbox.send(ROOM, { ciphertext: '…' }, { type: 'm.room.encrypted' });
    expect(sends()).toHaveLength(1);
  });

  it('is encrypted once where the client has keys, however often it is tried, and by whichever process', async () => {
    const world = { encrypted: true, keys: true, store: memorySessions() };
    const { outbox, sends, txnIds } = outboxOn({ ...world, answers: [html(502), new Promise(() => {})] });
    for (const body of ['one', 'two']) outbox.send(ROOM, text(body), { id: body }).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sends()).toHaveLength(2);
    expect(sends()[0]?.path).toContain('/send/m.room.encrypted/');
    expect(sends()[1]).toEqual(sends()[0]);
    const later = outboxOn(world);
    later.outbox.resume();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(later.txnIds()[0]).toBe(txnIds()[0]);
    expect(later.sends()[0]).toEqual(sends()[0]);
    expect(later.sends().map(({ body }) => /one|two/.exec(body)?.[0])).toEqual(['one', 'two']);
  });

  it('that was encrypted is found in the room by another device', async () => {
    const world = { encrypted: true, keys: true, store: memorySessions() };
    const { outbox, sends } = outboxOn({ ...world, answers: [new Promise(() => {})] });
    outbox.send(ROOM, text('one')).catch(() => undefined);
    await settle();
    const event = {
      ...{ event_id: '$there', type: 'm.room.encrypted', sender: '@bot:example.org' },
      ...{ origin_server_ts: Date.now(), content: JSON.parse(sends()[0]?.body ?? '') as unknown },
    };
    const later = outboxOn({ ...world, timeline: [event] });
    later.outbox.resume();
    await settle();
    expect(later.outcomes.map(([, outcome]) => outcome)).toEqual([
      { outcome: 'delivered', eventId: '$there' },
    ]);
    expect(later.sends()).toEqual([]);
  });

  it('is not sent after a logout', async () => {
    const { outbox, session, sends } = outboxOn();
    session.open = false;
    const sent = outbox.send(ROOM, text('one'));
    const failed = sent.catch((error: unknown) => String(error));
    await settle();
    outbox.forget('the session was logged out');
    session.open = true;
    outbox.wake();
    expect(await failed).toContain('logged out');
    await settle();
    expect(sends()).toEqual([]);
  });

  describe('when the session is stopped', () => {
    it('rejects if it could not be sent, and is left in the store', async () => {
      const { outbox, session, store } = outboxOn();
      session.open = false;
      const sent = outbox.send(ROOM, text('one'), { id: 'one' });
      const failed = sent.catch((error: unknown) => String(error));
      await settle();
      expect(await outbox.stop()).toBe(1);
      expect(await failed).toContain('stopped');
      await expect(outbox.send(ROOM, text('two'))).rejects.toThrow('stopped');
      const later = outboxOn({ store });
      later.outbox.resume();
      await settle();
      expect(later.bodies()).toEqual(['one']);
      expect(later.outcomes).toEqual([['one', { outcome: 'delivered', eventId: '$1' }]]);
      expect((await store.read('bot', 'outbox'))?.messages).toEqual([]);
    });

    it('is waited for a moment if it is on its way', async () => {
      const { promise, resolve } = Promise.withResolvers<Response>();
      const { outbox } = outboxOn({ answers: [promise] });
      const sent = outbox.send(ROOM, text('one'));
      await settle();
      const stopping = outbox.stop();
      resolve(Response.json({ event_id: '$late' }));
      expect(await sent).toMatchObject({ eventId: '$late' });
      expect(await stopping).toBe(0);
    });

    it('is not waited for longer than a second', async () => {
      const { outbox } = outboxOn({ answers: [new Promise(() => {})] });
      outbox.send(ROOM, text('one')).catch(() => undefined);
      await settle();
      const stopping = outbox.stop();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await stopping).toBe(1);
    });
  });

  it('that an earlier process has left is found when the store is back', async () => {
    const { store, away, back } = interruptible(memorySessions());
    const killed = outboxOn({ store });
    killed.session.open = false;
    killed.outbox.send(ROOM, text('one')).catch(() => undefined);
    await settle();
    away();
    const later = outboxOn({ store });
    later.outbox.resume();
    await settle();
    back();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(later.bodies()).toEqual(['one']);
  });

  describe('of an earlier process', () => {
    const mine = { sender: '@bot:example.org', type: 'm.room.message', content: text('one') };

    /** An outbox after one that queued a message and was killed, with the events of the room since then. */
    async function afterKill(events: (txnId: string, at: number) => readonly object[], world: World = {}) {
      const store = memorySessions();
      const killed = outboxOn({ store, answers: [new Promise(() => {})] });
      killed.outbox.send(ROOM, text('one'), { id: 'one' }).catch(() => undefined);
      await settle();
      const [txnId = ''] = killed.txnIds();
      const later = outboxOn({ store, timeline: events(txnId, Date.now()), ...world });
      later.outbox.resume();
      await settle();
      return { ...later, txnId };
    }

    it('is sent as the same transaction', async () => {
      const { txnIds, txnId, bodies } = await afterKill(() => []);
      expect(txnIds()).toEqual([txnId]);
      expect(bodies()).toEqual(['one']);
    });

    it.each<[string, (txnId: string, at: number) => object]>([
      ['by its transaction', (id, at) => ({ origin_server_ts: at, unsigned: { transaction_id: id } })],
      ['by another device', (_, at) => ({ origin_server_ts: at - 59_000 })],
    ])('is not sent again if it is in the room: %s', async (_, fields) => {
      const { sends, outcomes } = await afterKill((txnId, at) => [
        { ...mine, event_id: '$sent', ...fields(txnId, at) },
      ]);
      expect(sends()).toEqual([]);
      expect(outcomes).toEqual([['one', { outcome: 'delivered', eventId: '$sent' }]]);
    });

    it.each<[string, (txnId: string, at: number) => object]>([
      ['somebody else’s', (_, at) => ({ origin_server_ts: at, sender: '@alice:example.org' })],
      ['of another text', (_, at) => ({ origin_server_ts: at, content: text('two') })],
      ['of another type', (_, at) => ({ origin_server_ts: at, type: 'm.sticker' })],
      ['of long ago', (_, at) => ({ origin_server_ts: at - 61_000 })],
      ['another transaction', (_, at) => ({ origin_server_ts: at, unsigned: { transaction_id: 'other' } })],
    ])('is sent although there is an event like it: %s', async (_, fields) => {
      const { bodies } = await afterKill((txnId, at) => [
        { ...mine, event_id: '$other', ...fields(txnId, at) },
      ]);
      expect(bodies()).toEqual(['one']);
    });

    it('is not sent for another user', async () => {
      const { sends, outcomes } = await afterKill(() => [], { userId: '@other:example.org' });
      expect(sends()).toEqual([]);
      expect(outcomes).toMatchObject([['one', { outcome: 'refused' }]]);
    });

    it('keeps its place before what is queued later', async () => {
      const store = memorySessions();
      const killed = outboxOn({ store });
      killed.session.open = false;
      for (const body of ['one', 'two']) killed.outbox.send(ROOM, text(body)).catch(() => undefined);
      await settle();
      const later = outboxOn({ store });
      await later.outbox.send(ROOM, text('three'));
      expect(later.bodies()).toEqual(['one', 'two', 'three']);
    });
  });

  it('is looked for in the room after a login, if it may be there', async () => {
    const events = [
      { sender: '@bot:example.org', type: 'm.room.message', content: text('one'), event_id: '$there' },
    ];
    const timeline = events.map((event) => ({ ...event, origin_server_ts: Date.now() }));
    const { outbox, sends } = outboxOn({ answers: [new TypeError('fetch failed')], timeline });
    const sent = outbox.send(ROOM, text('one'));
    await settle();
    outbox.doubt();
    outbox.wake();
    expect(await sent).toMatchObject({ eventId: '$there' });
    expect(sends()).toHaveLength(1);
  });

  it('is sent although the store is away, and is not sent again when that is back', async () => {
    const { store, away, back } = interruptible(memorySessions());
    const { outbox, bodies } = outboxOn({ store });
    await outbox.send(ROOM, text('before'));
    away();
    await outbox.send(ROOM, text('away'), { id: 'away' });
    back();
    await outbox.send(ROOM, text('back'));
    await outbox.stop();
    expect(bodies()).toEqual(['before', 'away', 'back']);
    expect(await store.read('bot', 'outbox')).toEqual({
      messages: [],
      sent: [{ id: 'away', eventId: '$2' }],
    });
  });
});

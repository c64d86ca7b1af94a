import { describe, expect, it } from 'vitest';
import { fillGaps, type SyncAnswer } from '../../../src/adapters/sync/index.ts';

const message = (id: number) => ({
  event_id: `$${id}`,
  type: 'm.room.message',
  content: { body: String(id) },
});
const join = (before?: string) => ({
  event_id: '$join',
  type: 'm.room.member',
  state_key: '@bot:example.org',
  content: { membership: 'join' },
  unsigned: { prev_content: { membership: before } },
});

type Page = { chunk: object[]; end?: string } | number;

/** Fills the gap of one room, whose older messages come in these pages, newest first. */
async function filled(
  pages: readonly Page[],
  { lastEvent = '$1', maxEvents = 100, events = [message(9)] as object[], limited = true } = {},
) {
  const asked: URL[] = [];
  const timeline = { events, limited, prev_batch: 'p0' };
  const state = { events: [{ ...join(), event_id: '$5' }] };
  const answer = { next_batch: 's2', rooms: { join: { '!a:b': { timeline, state } } } } as SyncAnswer;
  await fillGaps(answer, 's1', {
    lastEventOf: () => lastEvent,
    userId: '@bot:example.org',
    homeserverUrl: 'https://matrix.example.org',
    fetch: async (input) => {
      asked.push(new URL(new Request(input).url));
      const page = pages[asked.length - 1] ?? 404;
      return typeof page === 'number' ? Response.json({}, { status: page }) : Response.json(page);
    },
    signal: undefined,
    maxEvents,
  });
  const room = answer.rooms?.join?.['!a:b'];
  return { asked, room, ids: room?.timeline?.events.map(({ event_id }) => event_id) };
}

describe('the gap of a room', () => {
  it('is filled in order, page by page, back to the newest event that is known', async () => {
    const { ids, asked, room } = await filled([
      { chunk: [message(8), message(7)], end: 'p1' },
      { chunk: [message(5), message(1), message(0)], end: 'p2' },
    ]);
    expect(ids).toEqual(['$5', '$7', '$8', '$9']);
    expect(asked.map(({ searchParams }) => searchParams.get('from'))).toEqual(['p0', 'p1']);
    expect(asked[0]?.pathname).toBe('/_matrix/client/v3/rooms/!a%3Ab/messages');
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toMatchObject({ dir: 'b', to: 's1' });
    expect(room?.timeline).toMatchObject({ limited: false, prev_batch: 's1' });
    // It is among the messages now.
    expect(room?.state?.events).toEqual([]);
  });

  it('is filled to its end where nothing is known', async () => {
    expect((await filled([{ chunk: [message(8)] }])).ids).toEqual(['$8', '$9']);
  });

  it('goes back no further than to where the bot came in, and over a change of its name', async () => {
    const chunk = [message(8), join('join'), message(7), join('invite'), message(6)];
    expect((await filled([{ chunk }])).ids).toEqual(['$7', '$join', '$8', '$9']);
  });

  it.each([
    ['nothing is missing', { limited: false }],
    ['it begins with what is known', { events: [message(1), message(9)] }],
  ])('is none where %s', async (_, options) => {
    expect((await filled([], options)).asked).toEqual([]);
  });

  it.each([403, 404])('stays as it was where the homeserver answers %i', async (status) => {
    const { ids, room } = await filled([status]);
    expect(ids).toEqual(['$9']);
    expect(room?.timeline).toMatchObject({ limited: true, prev_batch: 'p0' });
  });

  it('stays as it was where it is too large', async () => {
    const { ids, asked } = await filled([{ chunk: [message(8), message(7)], end: 'p1' }], { maxEvents: 2 });
    expect(ids).toEqual(['$9']);
    expect(asked).toHaveLength(1);
  });

  it.each([429, 500, 502])('is to be asked for again after %i', async (status) => {
    await expect(filled([status])).rejects.toThrow(String(status));
  });
});

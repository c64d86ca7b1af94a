import { expect, test } from 'vitest';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { clientOf } from './client.ts';

describeOnBoth('sync', { alwaysOnBoth: true, accessTokenLifetimeMs: 300_000 }, ({ homeserver }) => {
  const api = () => clientOf(homeserver().url);
  const signedIn = async () => {
    const user = await freshUser(homeserver());
    const { body } = await api().login(user.localpart, user.password, { device_id: 'BOT' });
    return { ...user, access: body.access_token as string };
  };
  const inRoom = (roomId: string) => `/rooms/${encodeURIComponent(roomId)}`;
  /** Two users in a room, and the position of the second after joining. */
  const inOneRoom = async () => {
    const [alice, bob] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(alice.access, { preset: 'public_chat' });
    await api().post(`/join/${encodeURIComponent(roomId)}`, {}, bob.access);
    const since: string = (await api().sync(bob.access)).body.next_batch;
    return { alice, bob, roomId, since };
  };
  // biome-ignore format: one line a helper
  const timelineOf = (body: { rooms?: { join?: Record<string, { timeline: Timeline }> } }, roomId: string) => body.rooms?.join?.[roomId]?.timeline;
  const texts = (events: readonly { content: { body?: string } }[] = []) =>
    events.map(({ content }) => content.body);

  test('an initial sync shows the room: state, and the last ten events', async () => {
    const alice = await signedIn();
    const roomId = await api().createRoom(alice.access, { name: 'The room' });
    for (let i = 0; i < 9; i += 1) await api().send(alice.access, roomId, `m${i}`);
    const { body } = await api().sync(alice.access);
    const room = body.rooms.join[roomId];
    expect(room.timeline.limited).toBe(true);
    expect(texts(room.timeline.events)).toEqual([
      undefined,
      'm0',
      'm1',
      'm2',
      'm3',
      'm4',
      'm5',
      'm6',
      'm7',
      'm8',
    ]);
    expect(room.timeline.events[0].type).toBe('m.room.name');
    const state = room.state.events.map((event: { type: string }) => event.type).sort();
    expect(state).toEqual([
      'm.room.create',
      'm.room.guest_access',
      'm.room.history_visibility',
      'm.room.join_rules',
      'm.room.member',
      'm.room.power_levels',
    ]);
    expect(body.device_one_time_keys_count).toEqual({ signed_curve25519: 0 });
    expect(body.account_data.events).toContainEqual(expect.objectContaining({ type: 'm.push_rules' }));
  });

  test('a long poll ends with the message it waited for', async () => {
    const { alice, bob, roomId, since } = await inOneRoom();
    const poll = api().sync(bob.access, { since, timeout: 20_000 });
    await api().send(alice.access, roomId, 'hello');
    const { body } = await poll;
    expect(texts(timelineOf(body, roomId)?.events)).toEqual(['hello']);
    expect(timelineOf(body, roomId)?.limited).toBe(false);
  });

  test('a long poll without news ends after its timeout, with the same position', async () => {
    const { bob, since } = await inOneRoom();
    const { status, body } = await api().sync(bob.access, { since, timeout: 30 });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('rooms');
    const { body: later } = await api().sync(bob.access, { since: body.next_batch, timeout: 1 });
    expect(later.next_batch).toBe(body.next_batch);
  });

  test('every message comes once, in order, over a chain of syncs', async () => {
    const { alice, bob, roomId, since } = await inOneRoom();
    const seen: (string | undefined)[] = [];
    let position = since;
    for (let i = 0; i < 12; i += 1) {
      await api().send(alice.access, roomId, `m${i}`);
      if (i % 3 !== 2) continue;
      const { body } = await api().sync(bob.access, { since: position });
      seen.push(...texts(timelineOf(body, roomId)?.events));
      position = body.next_batch;
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => `m${i}`));
  });

  test('what a limited timeline leaves out is got from /messages, up to where it was left off', async () => {
    const { alice, bob, roomId, since } = await inOneRoom();
    for (let i = 0; i < 14; i += 1) await api().send(alice.access, roomId, `m${i}`);
    const { body } = await api().sync(bob.access, { since });
    const timeline = timelineOf(body, roomId);
    expect(timeline?.limited).toBe(true);
    expect(texts(timeline?.events)).toEqual(Array.from({ length: 10 }, (_, i) => `m${i + 4}`));

    const missed: (string | undefined)[] = [];
    let from = timeline?.prev_batch;
    while (from !== undefined) {
      const page: { body: { chunk: []; end?: string } } = await api().get(
        `${inRoom(roomId)}/messages?dir=b&limit=3&from=${from}&to=${since}`,
        bob.access,
      );
      missed.push(...texts(page.body.chunk));
      from = page.body.end;
    }
    expect(missed).toEqual(['m3', 'm2', 'm1', 'm0']);

    const forward = await api().get(`${inRoom(roomId)}/messages?dir=f&limit=5&from=${since}`, bob.access);
    expect(texts(forward.body.chunk)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    const next = await api().get(
      `${inRoom(roomId)}/messages?dir=f&limit=2&from=${forward.body.end}`,
      bob.access,
    );
    expect(texts(next.body.chunk)).toEqual(['m5', 'm6']);
  });

  test('a limited timeline comes with the state that changed in the gap', async () => {
    const { alice, bob, roomId, since } = await inOneRoom();
    await api().put(`${inRoom(roomId)}/state/m.room.topic`, { topic: 'in the gap' }, alice.access);
    for (let i = 0; i < 10; i += 1) await api().send(alice.access, roomId, `m${i}`);
    const { body } = await api().sync(bob.access, { since });
    expect(body.rooms.join[roomId].state.events.map((event: { type: string }) => event.type)).toEqual([
      'm.room.topic',
    ]);
  });

  test('a filter sets the limit and the types, given in the query or uploaded', async () => {
    const { alice, bob, roomId, since } = await inOneRoom();
    for (const text of ['a', 'b', 'c']) await api().send(alice.access, roomId, text);
    await api().put(`${inRoom(roomId)}/state/m.room.topic`, { topic: 'x' }, alice.access);
    const filter = { room: { timeline: { limit: 2, types: ['m.room.mess*'] } } };
    const inline = await api().sync(bob.access, { since, filter: JSON.stringify(filter) });
    expect(texts(timelineOf(inline.body, roomId)?.events)).toEqual(['b', 'c']);

    const { body } = await api().post(`/user/${bob.userId}/filter`, filter, bob.access);
    const again = await api().post(`/user/${bob.userId}/filter`, filter, bob.access);
    expect(again.body).toEqual(body);
    expect((await api().get(`/user/${bob.userId}/filter/${body.filter_id}`, bob.access)).body).toEqual(
      filter,
    );
    const uploaded = await api().sync(bob.access, { since, filter: body.filter_id });
    expect(texts(timelineOf(uploaded.body, roomId)?.events)).toEqual(['b', 'c']);
    expect(timelineOf(uploaded.body, roomId)?.limited).toBe(true);
  });

  test('an invitation is shown with what there is to know, and then the joined room whole', async () => {
    const [alice, bob] = [await signedIn(), await signedIn()];
    const { body: before } = await api().sync(bob.access);
    const roomId = await api().createRoom(alice.access, { name: 'The room', invite: [bob.userId] });
    const { body: invited } = await api().sync(bob.access, { since: before.next_batch });
    const shown = invited.rooms.invite[roomId].invite_state.events;
    expect(shown).toContainEqual({
      type: 'm.room.name',
      state_key: '',
      content: { name: 'The room' },
      sender: alice.userId,
    });
    expect(shown.at(-1)).toMatchObject({ state_key: bob.userId, content: { membership: 'invite' } });

    await api().post(`/join/${encodeURIComponent(roomId)}`, {}, bob.access);
    const { body: joined } = await api().sync(bob.access, { since: invited.next_batch });
    expect(joined.rooms).not.toHaveProperty('invite');
    const room = joined.rooms.join[roomId];
    const types = [...room.state.events, ...room.timeline.events].map((event) => event.type);
    expect(types).toContain('m.room.create');
    expect(types.filter((type) => type === 'm.room.member')).toHaveLength(3);
  });

  test('a room that was left is shown once more, with the leaving last', async () => {
    const { alice, bob, roomId, since } = await inOneRoom();
    await api().send(alice.access, roomId, 'before');
    await api().post(`${inRoom(roomId)}/leave`, {}, bob.access);
    await api().send(alice.access, roomId, 'after');
    const { body } = await api().sync(bob.access, { since });
    const { events } = body.rooms.leave[roomId].timeline;
    expect(texts(events)).toEqual(['before', undefined]);
    expect(events.at(-1)).toMatchObject({ state_key: bob.userId, content: { membership: 'leave' } });
    const { body: next } = await api().sync(bob.access, { since: body.next_batch });
    expect(next).not.toHaveProperty('rooms');
    expect((await api().sync(bob.access, { timeout: 1 })).body).not.toHaveProperty('rooms');
  });

  test('account data, receipts and typing come with the next sync', async () => {
    const { alice, bob, roomId, since } = await inOneRoom();
    const { event_id: eventId } = (await api().send(alice.access, roomId, 'hello')).body;
    await api().put(`/user/${bob.userId}/account_data/x.y`, { a: 1 }, bob.access);
    await api().put(
      `/user/${bob.userId}/rooms/${encodeURIComponent(roomId)}/account_data/x.z`,
      { b: 2 },
      bob.access,
    );
    await api().post(
      `${inRoom(roomId)}/read_markers`,
      { 'm.fully_read': eventId, 'm.read': eventId },
      bob.access,
    );
    await api().put(
      `${inRoom(roomId)}/typing/${alice.userId}`,
      { typing: true, timeout: 30_000 },
      alice.access,
    );
    const { body } = await api().sync(bob.access, { since });
    expect(body.account_data.events).toEqual([{ type: 'x.y', content: { a: 1 } }]);
    expect((await api().get(`/user/${bob.userId}/account_data/x.y`, bob.access)).body).toEqual({ a: 1 });
    const room = body.rooms.join[roomId];
    expect(room.account_data.events).toEqual(
      expect.arrayContaining([
        { type: 'x.z', content: { b: 2 } },
        { type: 'm.fully_read', content: { event_id: eventId } },
      ]),
    );
    expect(room.ephemeral.events).toContainEqual({ type: 'm.typing', content: { user_ids: [alice.userId] } });
    expect(room.ephemeral.events).toContainEqual({
      type: 'm.receipt',
      content: { [eventId]: { 'm.read': { [bob.userId]: { ts: expect.any(Number) } } } },
    });
  });

  test('the same sync again has the same answer, and its position leads on', async () => {
    const { alice, bob, roomId, since } = await inOneRoom();
    await api().send(alice.access, roomId, 'first');
    const { body: first } = await api().sync(bob.access, { since });
    await api().send(alice.access, roomId, 'second');
    const { body: again } = await api().sync(bob.access, { since });
    expect(again.next_batch).toBe(first.next_batch);
    expect(texts(timelineOf(again, roomId)?.events)).toEqual(['first']);
    const { body: next } = await api().sync(bob.access, { since: again.next_batch });
    expect(texts(timelineOf(next, roomId)?.events)).toEqual(['second']);
  });

  test('a long poll ends when the devices of the user change', async () => {
    const bob = await signedIn();
    const { body } = await api().sync(bob.access);
    const poll = api().sync(bob.access, { since: body.next_batch, timeout: 20_000 });
    await api().login(bob.localpart, bob.password, { device_id: 'OTHER' });
    expect((await poll).body.device_lists).toEqual({ changed: [bob.userId] });
  });
});

interface Timeline {
  readonly events: readonly { readonly type: string; readonly content: { readonly body?: string } }[];
  readonly limited: boolean;
  readonly prev_batch: string;
}

import { expect, test } from 'vitest';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { clientOf } from './client.ts';

describeOnBoth('rooms', { alwaysOnBoth: true, accessTokenLifetimeMs: 300_000 }, ({ homeserver }) => {
  const api = () => clientOf(homeserver().url);
  const signedIn = async (deviceId = 'BOT') => {
    const user = await freshUser(homeserver());
    const { body } = await api().login(user.localpart, user.password, { device_id: deviceId });
    return { ...user, access: body.access_token as string, refresh: body.refresh_token as string };
  };
  const inRoom = (roomId: string) => `/rooms/${encodeURIComponent(roomId)}`;
  const texts = (events: { content: { body?: string } }[]) => events.map((event) => event.content.body);

  test('the same transaction is sent once, whatever becomes of the tokens of the device', async () => {
    const user = await signedIn();
    const roomId = await api().createRoom(user.access);
    const first = await api().send(user.access, roomId, 't1', 'once');
    expect(await api().send(user.access, roomId, 't1', 'other words')).toMatchObject({ body: first.body });

    const { body: refreshed } = await api().refresh(user.refresh);
    expect(await api().send(refreshed.access_token, roomId, 't1')).toMatchObject({ body: first.body });

    const { body: again } = await api().login(user.localpart, user.password, { device_id: 'BOT' });
    expect(await api().send(again.access_token, roomId, 't1')).toMatchObject({ body: first.body });

    const { body: messages } = await api().get(
      `${inRoom(roomId)}/messages?dir=b&limit=2`,
      again.access_token,
    );
    expect(texts(messages.chunk)).toEqual(['once', undefined]);
  });

  test('the same transaction id is another transaction on another device and in another room', async () => {
    const user = await signedIn();
    const roomId = await api().createRoom(user.access);
    const { body: other } = await api().login(user.localpart, user.password, { device_id: 'OTHER' });
    const ids = [
      await api().send(user.access, roomId, 't1'),
      await api().send(other.access_token, roomId, 't1'),
      await api().send(user.access, await api().createRoom(user.access), 't1'),
    ].map((answer) => answer.body.event_id);
    expect(new Set(ids).size).toBe(3);
    // By the specification this would be another one, too.
    const reaction = await api().put(`${inRoom(roomId)}/send/m.reaction/t1`, {}, user.access);
    expect(reaction.body.event_id).toBe(ids[0]);
  });

  test('a refused send is not remembered: the same transaction later is sent', async () => {
    const [owner, guest] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(owner.access, { preset: 'public_chat' });
    expect((await api().send(guest.access, roomId, 't1')).status).toBe(403);
    await api().post(`/join/${encodeURIComponent(roomId)}`, {}, guest.access);
    expect((await api().send(guest.access, roomId, 't1')).status).toBe(200);
  });

  test('an invited user joins, is a member, and is none after leaving', async () => {
    const [owner, guest] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(owner.access, { name: 'The room', invite: [guest.userId] });
    const memberships = async () => {
      const { body } = await api().get(`${inRoom(roomId)}/members`, owner.access);
      return body.chunk.map((event: { content: { membership: string } }) => event.content.membership).sort();
    };
    expect(await memberships()).toEqual(['invite', 'join']);
    const joined = await api().post(`/join/${encodeURIComponent(roomId)}`, {}, guest.access);
    expect(joined.body).toEqual({ room_id: roomId });
    expect((await api().post(`${inRoom(roomId)}/join`, {}, guest.access)).status).toBe(200);
    expect(await memberships()).toEqual(['join', 'join']);
    expect((await api().get('/joined_rooms', guest.access)).body).toEqual({ joined_rooms: [roomId] });
    expect((await api().get(`${inRoom(roomId)}/joined_members`, guest.access)).body).toEqual({
      joined: {
        [owner.userId]: { avatar_url: null, display_name: owner.localpart },
        [guest.userId]: { avatar_url: null, display_name: guest.localpart },
      },
    });

    expect((await api().post(`${inRoom(roomId)}/leave`, {}, guest.access)).body).toEqual({});
    expect(await memberships()).toEqual(['join', 'leave']);
    expect((await api().get('/joined_rooms', guest.access)).body).toEqual({ joined_rooms: [] });
    expect((await api().send(guest.access, roomId, 't1')).status).toBe(403);
  });

  test('who left sees what came before, and nothing after', async () => {
    const [owner, guest] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(owner.access, { preset: 'public_chat' });
    await api().post(`/join/${encodeURIComponent(roomId)}`, {}, guest.access);
    await api().send(owner.access, roomId, 'before');
    await api().post(`${inRoom(roomId)}/leave`, {}, guest.access);
    await api().send(owner.access, roomId, 'after');
    const { body } = await api().get(`${inRoom(roomId)}/messages?dir=b&limit=3`, guest.access);
    expect(texts(body.chunk)).toEqual([undefined, 'before', undefined]);
  });

  test('who is kicked or banned is out, and who is banned stays out', async () => {
    const [owner, guest] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(owner.access, { preset: 'public_chat' });
    const join = () => api().post(`/join/${encodeURIComponent(roomId)}`, {}, guest.access);
    const moderate = (action: string, by = owner.access, whom = guest.userId) =>
      api().post(`${inRoom(roomId)}/${action}`, { user_id: whom }, by);
    await join();
    expect((await moderate('kick', guest.access, owner.userId)).status).toBe(403);
    expect((await moderate('kick')).status).toBe(200);
    expect((await api().send(guest.access, roomId, 't1')).status).toBe(403);
    expect((await join()).status).toBe(200);
    expect((await moderate('ban')).status).toBe(200);
    expect(await join()).toMatchObject({ status: 403, body: { errcode: 'M_BAD_STATE' } });
    expect((await moderate('unban')).status).toBe(200);
    expect((await join()).status).toBe(200);
  });

  test('an alias leads to its room', async () => {
    const [owner, guest] = [await signedIn(), await signedIn()];
    const name = `alias-${owner.localpart}`;
    const roomId = await api().createRoom(owner.access, { preset: 'public_chat', room_alias_name: name });
    const alias = encodeURIComponent(`#${name}:${homeserver().serverName}`);
    expect((await api().get(`/directory/room/${alias}`)).body.room_id).toBe(roomId);
    expect((await api().post(`/join/${alias}`, {}, guest.access)).body).toEqual({ room_id: roomId });
    expect((await api().post('/createRoom', { room_alias_name: name }, owner.access)).body).toMatchObject({
      errcode: 'M_ROOM_IN_USE',
    });
  });

  test('state is set by those with the power to, and read back', async () => {
    const [owner, guest] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(owner.access, { preset: 'public_chat' });
    await api().post(`/join/${encodeURIComponent(roomId)}`, {}, guest.access);
    const topic = `${inRoom(roomId)}/state/m.room.topic`;
    expect((await api().get(topic, owner.access)).body).toMatchObject({ errcode: 'M_NOT_FOUND' });
    const set = await api().put(topic, { topic: 'a' }, owner.access);
    expect((await api().put(`${topic}/`, { topic: 'a' }, owner.access)).body).toEqual(set.body);
    expect((await api().get(topic, guest.access)).body).toEqual({ topic: 'a' });
    expect((await api().put(topic, { topic: 'b' }, guest.access)).body).toMatchObject({
      errcode: 'M_FORBIDDEN',
    });
  });

  test('a member event set as state is a change of membership', async () => {
    const [owner, guest] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(owner.access);
    const member = `${inRoom(roomId)}/state/m.room.member/${guest.userId}`;
    expect((await api().put(member, { membership: 'join' }, guest.access)).status).toBe(403);
    expect((await api().put(member, { membership: 'invite' }, owner.access)).status).toBe(200);
    expect((await api().put(member, { membership: 'join' }, guest.access)).status).toBe(200);
    expect((await api().put(member, {}, owner.access)).status).toBe(400);
  });

  test('an event is shown with its transaction id to the device that sent it', async () => {
    const [owner, guest] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(owner.access, { preset: 'public_chat' });
    await api().post(`/join/${encodeURIComponent(roomId)}`, {}, guest.access);
    const { event_id: eventId } = (await api().send(owner.access, roomId, 't1', 'hello')).body;
    const path = `${inRoom(roomId)}/event/${encodeURIComponent(eventId)}`;
    const { body } = await api().get(path, owner.access);
    expect(body).toMatchObject({
      type: 'm.room.message',
      room_id: roomId,
      sender: owner.userId,
      content: { msgtype: 'm.text', body: 'hello' },
      event_id: eventId,
      origin_server_ts: expect.any(Number),
      unsigned: { transaction_id: 't1', age: expect.any(Number), membership: 'join' },
    });
    expect((await api().get(path, guest.access)).body.unsigned).not.toHaveProperty('transaction_id');
    expect((await api().get(`${inRoom(roomId)}/event/$nothing`, owner.access)).status).toBe(404);
  });

  test('context is what came before and after', async () => {
    const { access } = await signedIn();
    const roomId = await api().createRoom(access);
    const sent: string[] = [];
    for (const text of ['a', 'b', 'c']) sent.push((await api().send(access, roomId, text)).body.event_id);
    const path = `${inRoom(roomId)}/context/${encodeURIComponent(String(sent[1]))}?limit=2`;
    const { body } = await api().get(path, access);
    expect([texts(body.events_before), body.event.content.body, texts(body.events_after)]).toEqual([
      ['a'],
      'b',
      ['c'],
    ]);
  });

  test('a profile is set by its owner and seen by all, in member events too', async () => {
    const [user, other] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(user.access);
    expect((await api().get(`/profile/${user.userId}`)).body).toEqual({ displayname: user.localpart });
    const path = `/profile/${user.userId}/displayname`;
    expect((await api().put(path, { displayname: 'New' }, user.access)).body).toEqual({});
    expect((await api().get(path)).body).toEqual({ displayname: 'New' });
    expect((await api().put(path, { displayname: 'Other' }, other.access)).body).toMatchObject({
      errcode: 'M_FORBIDDEN',
    });
    const member = () => api().get(`${inRoom(roomId)}/state/m.room.member/${user.userId}`, user.access);
    // On Synapse the rooms follow later.
    await expect.poll(async () => (await member()).body).toEqual({ membership: 'join', displayname: 'New' });
  });
});

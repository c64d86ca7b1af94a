import { expect, test } from 'vitest';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { clientOf } from './client.ts';

interface Shown {
  readonly type: string;
  readonly state_key: string;
}

const options = { alwaysOnBoth: true, accessTokenLifetimeMs: 300_000 };

describeOnBoth('members loaded lazily', options, ({ homeserver }) => {
  const api = () => clientOf(homeserver().url);
  const signedIn = async () => {
    const user = await freshUser(homeserver());
    const { body } = await api().login(user.localpart, user.password);
    return { ...user, access: body.access_token as string };
  };
  const lazily = JSON.stringify({ room: { timeline: { limit: 1 }, state: { lazy_load_members: true } } });
  /** Bob, who looks, in a room with Alice and Carol. */
  const inOneRoom = async () => {
    const [alice, bob, carol] = [await signedIn(), await signedIn(), await signedIn()];
    const roomId = await api().createRoom(alice.access, { preset: 'public_chat' });
    for (const { access } of [bob, carol])
      await api().post(`/join/${encodeURIComponent(roomId)}`, {}, access);
    let since: string | undefined;
    const look = async () => {
      const { body } = await api().sync(bob.access, {
        filter: lazily,
        ...(since === undefined ? {} : { since }),
      });
      since = body.next_batch;
      const { state, summary } = body.rooms.join[roomId];
      const members = (state.events as Shown[]).filter(({ type }) => type === 'm.room.member');
      return { members: members.map(({ state_key }) => state_key).toSorted(), summary };
    };
    return { alice, bob, carol, roomId, look };
  };

  test('a client is told of itself, of those who send, and once', async () => {
    const { alice, bob, carol, roomId, look } = await inOneRoom();
    await api().send(alice.access, roomId, 'hello');
    const first = await look();
    expect(first.summary['m.heroes'].toSorted()).toEqual([alice.userId, carol.userId].toSorted());
    expect(first.summary).toMatchObject({ 'm.joined_member_count': 3, 'm.invited_member_count': 0 });
    // Carol has not sent anything: she is a hero.
    expect(first.members).toEqual([alice.userId, bob.userId, carol.userId].toSorted());
    await api().send(alice.access, roomId, 'again');
    expect(await look()).toEqual({ members: [], summary: {} });
  });

  test('a room with a name has no heroes, and who is idle is left out', async () => {
    const { alice, bob, carol, roomId, look } = await inOneRoom();
    const room = `/rooms/${encodeURIComponent(roomId)}`;
    await api().put(`${room}/state/m.room.name`, { name: 'The room' }, alice.access);
    expect(await look()).toEqual({
      members: [alice.userId, bob.userId].toSorted(),
      summary: { 'm.joined_member_count': 3, 'm.invited_member_count': 0 },
    });
    await api().send(carol.access, roomId, 'hello');
    expect(await look()).toEqual({ members: [carol.userId], summary: {} });
  });
});

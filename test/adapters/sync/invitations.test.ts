import { describe, expect, it } from 'vitest';
import { beginningOf, PendingInvitations, type SyncAnswer } from '../../../src/adapters/sync/index.ts';

describe('invitations of the initial sync', () => {
  const first = (): SyncAnswer => ({
    next_batch: 's1',
    rooms: { invite: { '!a': 'a', '!b': 'b', '!c': 'c' } },
  });
  const carried = (invitations: PendingInvitations, answer: SyncAnswer) => {
    invitations.addTo(answer);
    return answer.rooms?.invite;
  };

  it('are not among the rooms that are loaded, and in each answer until one was delivered', () => {
    const invitations = new PendingInvitations();
    expect(beginningOf(first(), undefined, invitations).loaded.rooms?.invite).toEqual({});
    expect(carried(invitations, { next_batch: 's2' })).toEqual({ '!a': 'a', '!b': 'b', '!c': 'c' });
    expect(carried(invitations, { next_batch: 's2' })).toEqual({ '!a': 'a', '!b': 'b', '!c': 'c' });
    invitations.delivered();
    expect(invitations.pending).toBe(false);
    expect(carried(invitations, { next_batch: 's3' })).toEqual({});
  });

  it('give way to what an answer says of their rooms', () => {
    const invitations = new PendingInvitations();
    beginningOf(first(), undefined, invitations);
    const rooms = { join: { '!a': {} }, leave: { '!b': {} }, invite: { '!c': 'newer', '!d': 'd' } };
    expect(carried(invitations, { next_batch: 's2', rooms })).toEqual({ '!c': 'newer', '!d': 'd' });
  });

  it('are those of the position to fall back on, where the sync goes on from an earlier one', () => {
    const invitations = new PendingInvitations();
    const { loaded, resumed } = beginningOf(first(), 's0', invitations);
    expect(loaded).toEqual({ next_batch: 's0', rooms: { invite: {} } });
    expect(resumed).toEqual({
      since: 's0',
      instead: { position: 's1', invitations: { '!a': 'a', '!b': 'b', '!c': 'c' }, toDevice: {} },
    });
    expect(invitations.pending).toBe(false);
  });
});

describe('the rooms, where the sync goes on from an earlier position', () => {
  it('have the state of now, and no messages', () => {
    const name = { event_id: '$1', type: 'm.room.name', state_key: '', content: { name: 'now' } };
    const topic = { event_id: '$2', type: 'm.room.topic', state_key: '', content: { topic: 'now' } };
    const message = { event_id: '$3', type: 'm.room.message', content: { body: 'old' } };
    const room = { state: { events: [name] }, timeline: { events: [message, topic], prev_batch: 'p' } };
    const { loaded } = beginningOf(
      { next_batch: 's1', rooms: { join: { '!a': room } } },
      's0',
      new PendingInvitations(),
    );
    expect(loaded.rooms?.join?.['!a']).toEqual({
      state: { events: [name, topic] },
      timeline: { events: [], prev_batch: 'p' },
    });
  });
});

import { signIn, type Ask, type Theme } from '../script.ts';

const say = (transaction: string, note: string, as = '{token}'): Ask => ({
  ask: `PUT /rooms/{room}/send/m.room.message/${transaction}`,
  as,
  body: { msgtype: 'm.text', body: note },
  keep: { event: 'event_id' },
  note,
});
const create: Ask = {
  ask: 'POST /createRoom',
  as: '{token}',
  body: { preset: 'public_chat', name: 'A room' },
  keep: { room: 'room_id' },
};
const both = [signIn(), signIn('alice', { prefix: 'alice.' }), create];
const accounts = ['bot', 'alice'];

export const roomEvents: Theme = {
  name: 'events of a room',
  scripts: [
    {
      name: 'messages',
      accounts,
      steps: [
        ...both,
        say('1', 'first'),
        say('1', 'the same transaction'),
        say('2', 'second'),
        say('1', 'by a stranger', '{alice.token}'),
        {
          ask: 'POST /rooms/{room}/send/m.room.message',
          as: '{token}',
          body: { msgtype: 'm.text', body: 'third' },
        },
        { ask: 'PUT /rooms/{room}/send/org.example.any/3', as: '{token}', body: {} },
        { ask: 'PUT /rooms/{room}/send/m.room.message/4', as: '{token}', body: 'nonsense', note: 'no JSON' },
        { ask: 'PUT /rooms/{room}/send/m.room.message/5', as: '{token}', body: [], note: 'array' },
        {
          ask: 'PUT /rooms/{room}/send/m.room.message/6',
          as: '{token}',
          body: { msgtype: 'm.text', body: 'x'.repeat(66_000) },
          note: 'too large',
        },
        {
          ask: 'PUT /rooms/{room}/send/m.room.message/7',
          as: '{token}',
          body: { msgtype: 'm.text', body: 'half', volume: 0.5 },
          note: 'a number that is not whole',
        },
        { ask: 'GET /rooms/{room}/event/{event}', as: '{token}' },
        { ask: 'GET /rooms/{room}/event/{event}', as: '{alice.token}', note: 'by a stranger' },
        { ask: 'GET /rooms/{room}/event/$none', as: '{token}' },
        { ask: 'GET /rooms/{room}/context/{event}', as: '{token}' },
        { ask: 'GET /rooms/{room}/context/{event}?limit=1', as: '{token}' },
        { ask: 'GET /rooms/{room}/context/$none', as: '{token}' },
        { ask: 'GET /rooms/{room}/messages?dir=b&limit=2', as: '{token}', keep: { from: 'end' } },
        { ask: 'GET /rooms/{room}/messages?dir=b&from={from}', as: '{token}' },
        { ask: 'GET /rooms/{room}/messages?dir=f&limit=3', as: '{token}' },
        { ask: 'GET /rooms/{room}/messages?dir=b&limit=0', as: '{token}' },
        { ask: 'GET /rooms/{room}/messages?dir=sideways', as: '{token}' },
        { ask: 'GET /rooms/{room}/messages?dir=b&from=nonsense', as: '{token}' },
        { ask: 'GET /rooms/{room}/messages?dir=b', as: '{alice.token}', note: 'by a stranger' },
      ],
    },
    {
      name: 'state',
      accounts,
      steps: [
        ...both,
        { ask: 'GET /rooms/{room}/state', as: '{token}' },
        { ask: 'GET /rooms/{room}/state', as: '{alice.token}', note: 'by a stranger' },
        { ask: 'GET /rooms/{room}/state/m.room.name', as: '{token}' },
        { ask: 'GET /rooms/{room}/state/m.room.name/', as: '{token}' },
        { ask: 'GET /rooms/{room}/state/m.room.member/{bot.id}', as: '{token}' },
        { ask: 'GET /rooms/{room}/state/m.room.topic', as: '{token}', note: 'none' },
        { ask: 'PUT /rooms/{room}/state/m.room.topic', as: '{token}', body: { topic: 'A topic' } },
        {
          ask: 'PUT /rooms/{room}/state/m.room.topic',
          as: '{token}',
          body: { topic: 'A topic' },
          note: 'again',
        },
        { ask: 'PUT /rooms/{room}/state/org.example/key', as: '{token}', body: { a: 1 } },
        { ask: 'POST /rooms/{room}/join', as: '{alice.token}', body: {} },
        {
          ask: 'PUT /rooms/{room}/state/m.room.name',
          as: '{alice.token}',
          body: { name: 'x' },
          note: 'no right',
        },
        {
          ask: 'PUT /rooms/{room}/state/org.example/{bot.id}',
          as: '{token}',
          body: { a: 1 },
          note: 'a key of one’s own',
        },
        { ask: 'GET /rooms/{room}/state', as: '{token}', note: 'that was changed' },
        {
          ask: 'PUT /rooms/{room}/state/m.room.topic',
          as: '{token}',
          body: { topic: 'Another topic' },
          keep: { changed: 'event_id' },
          note: 'another',
        },
        { ask: 'GET /rooms/{room}/event/{changed}', as: '{token}' },
        { ask: 'GET /rooms/{room}/context/{changed}?limit=0', as: '{token}' },
        { ask: 'GET /rooms/{room}/messages?dir=b&limit=2', as: '{token}' },
      ],
    },
  ],
};

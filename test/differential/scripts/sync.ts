import { signIn, type Ask, type Theme } from '../script.ts';

const say = (transaction: number, as = '{alice.token}'): Ask => ({
  ask: `PUT /rooms/{room}/send/m.room.message/${transaction}`,
  as,
  body: { msgtype: 'm.text', body: `message ${transaction}` },
});
const room: Ask = {
  ask: 'POST /createRoom',
  as: '{alice.token}',
  body: { preset: 'public_chat', name: 'A room', invite: ['{bot.id}'] },
  keep: { room: 'room_id' },
};
const enter: Ask = { ask: 'POST /join/{room}', as: '{token}', body: {} };
const accounts = ['bot', 'alice'];
const both = [signIn(), signIn('alice', { prefix: 'alice.' })];
const few = encodeURIComponent(JSON.stringify({ room: { timeline: { limit: 2 } } }));
const lazily = encodeURIComponent(
  JSON.stringify({ room: { timeline: { limit: 2 }, state: { lazy_load_members: true } } }),
);
const redundantly = encodeURIComponent(
  JSON.stringify({ room: { state: { lazy_load_members: true, include_redundant_members: true } } }),
);
const lazySync = (note: string, filter = lazily): Ask => ({
  ask: `GET /sync?timeout=0&since={since}&filter=${filter}`,
  as: '{token}',
  keep: { since: 'next_batch' },
  note,
});
const leaves = encodeURIComponent(JSON.stringify({ room: { include_leave: true } }));

export const sync: Theme = {
  name: 'sync',
  scripts: [
    {
      name: 'of an account without a room',
      steps: [
        signIn(),
        { ask: 'GET /sync' },
        { ask: 'GET /sync?timeout=0', as: '{token}', keep: { since: 'next_batch' } },
        { ask: 'GET /sync?timeout=0&since={since}', as: '{token}' },
        { ask: 'GET /sync?timeout=100&since={since}', as: '{token}' },
        { ask: 'GET /sync?timeout=0&since=nonsense', as: '{token}' },
        { ask: 'GET /sync?timeout=nonsense', as: '{token}' },
        { ask: 'GET /sync?timeout=0&set_presence=nonsense', as: '{token}' },
        { ask: 'GET /sync?timeout=0&full_state=true&since={since}', as: '{token}' },
      ],
    },
    {
      name: 'from invitation to ban',
      accounts,
      steps: [
        ...both,
        room,
        { ask: 'GET /sync?timeout=0', as: '{token}', keep: { since: 'next_batch' }, note: 'invited' },
        enter,
        say(1),
        {
          ask: 'GET /sync?timeout=0&since={since}',
          as: '{token}',
          keep: { since: 'next_batch' },
          note: 'joined',
        },
        ...[2, 3, 4, 5].map((number) => say(number)),
        { ask: `GET /sync?timeout=0&since={since}&filter=${few}`, as: '{token}', note: 'a gap' },
        { ask: 'GET /sync?timeout=0', as: '{token}', note: 'from the beginning' },
        { ask: 'GET /sync?timeout=0&full_state=true&since={since}', as: '{token}' },
        { ask: 'GET /sync?timeout=0&since={since}', as: '{token}', keep: { since: 'next_batch' } },
        { ask: 'POST /rooms/{room}/ban', as: '{alice.token}', body: { user_id: '{bot.id}' } },
        {
          ask: 'GET /sync?timeout=0&since={since}',
          as: '{token}',
          keep: { since: 'next_batch' },
          note: 'banned',
        },
        { ask: `GET /sync?timeout=0&filter=${leaves}`, as: '{token}', note: 'with what was left' },
      ],
    },
    {
      name: 'with what one has sent oneself',
      accounts,
      steps: [
        ...both,
        room,
        enter,
        { ask: 'GET /sync?timeout=0', as: '{token}', keep: { since: 'next_batch' } },
        say(1, '{token}'),
        { ask: 'GET /sync?timeout=0&since={since}', as: '{token}', note: 'own message' },
      ],
    },
    {
      name: 'with members loaded lazily',
      accounts: ['bot', 'alice', 'carol'],
      steps: [
        ...both,
        signIn('carol', { prefix: 'carol.' }),
        { ...room, body: { preset: 'public_chat', invite: ['{bot.id}'] } },
        enter,
        { ask: 'POST /join/{room}', as: '{carol.token}', body: {} },
        {
          ask: `GET /sync?timeout=0&filter=${lazily}`,
          as: '{token}',
          keep: { since: 'next_batch' },
          note: 'from the beginning',
        },
        say(1),
        lazySync('the first word of a member'),
        say(2),
        lazySync('the second word of a member'),
        ...[3, 4, 5].map((number) => say(number, '{carol.token}')),
        lazySync('a gap'),
        say(6),
        lazySync('redundantly', redundantly),
        { ask: 'POST /rooms/{room}/leave', as: '{carol.token}', body: {} },
        lazySync('one leaves'),
        { ask: `GET /sync?timeout=0&full_state=true&since={since}&filter=${lazily}`, as: '{token}' },
        { ask: 'PUT /rooms/{room}/state/m.room.name', as: '{alice.token}', body: { name: 'A name' } },
        ...[7, 8].map((number) => say(number)),
        lazySync('a gap with a new name'),
        {
          ask: `GET /sync?timeout=0&filter=${lazily}`,
          as: '{token}',
          note: 'from the beginning, with a name',
        },
      ],
    },
    {
      name: 'of a member whose name changes',
      accounts,
      steps: [
        ...both,
        room,
        enter,
        { ask: 'GET /sync?timeout=0', as: '{token}', keep: { since: 'next_batch' } },
        { ask: 'PUT /rooms/{room}/state/m.room.name', as: '{alice.token}', body: { name: 'Another' } },
        ...[1, 2].map((number) => say(number)),
        { ask: `GET /sync?timeout=0&since={since}&filter=${few}`, as: '{token}', note: 'changed state' },
        { ask: 'POST /rooms/{room}/invite', as: '{alice.token}', body: { user_id: '@nobody:localhost' } },
        { ask: 'GET /sync?timeout=0&since={since}', as: '{token}', note: 'an invitation' },
      ],
    },
    {
      name: 'filters',
      accounts,
      steps: [
        ...both,
        room,
        enter,
        {
          ask: 'POST /user/{bot.id}/filter',
          as: '{token}',
          body: { room: { timeline: { limit: 1 }, state: { lazy_load_members: true } } },
          keep: { filter: 'filter_id' },
        },
        { ask: 'GET /user/{bot.id}/filter/{filter}', as: '{token}' },
        { ask: 'GET /user/{bot.id}/filter/999', as: '{token}' },
        { ask: 'GET /user/{alice.id}/filter/{filter}', as: '{token}' },
        { ask: 'POST /user/{alice.id}/filter', as: '{token}', body: {} },
        { ask: 'GET /sync?timeout=0&filter={filter}', as: '{token}' },
        { ask: 'GET /sync?timeout=0&filter=999', as: '{token}' },
        { ask: 'GET /sync?timeout=0&filter=%7Bnonsense', as: '{token}' },
        { ask: 'PUT /presence/{bot.id}/status', as: '{token}', body: { presence: 'online' } },
        { ask: 'PUT /presence/{alice.id}/status', as: '{token}', body: { presence: 'online' } },
        { ask: 'GET /presence/{bot.id}/status', as: '{token}' },
      ],
    },
  ],
};

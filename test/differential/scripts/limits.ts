import { exchange, signIn, type Theme } from '../script.ts';

const nowhere = { token: 'other', refresh: 'others' };

export const limits: Theme = {
  name: 'rate limits',
  on: 'limited',
  scripts: [
    {
      name: 'on messages',
      steps: [
        signIn(),
        { ask: 'POST /createRoom', as: '{token}', body: {}, keep: { room: 'room_id' } },
        {
          ask: 'POST /rooms/{room}/send/m.room.message',
          as: '{token}',
          body: { msgtype: 'm.text', body: 'hello' },
          whileAnswered: 200,
        },
        exchange('refresh', nowhere),
      ],
    },
    {
      name: 'on logins, in the end with the right password, too',
      steps: [
        {
          ask: 'POST /login',
          body: {
            type: 'm.login.password',
            identifier: { type: 'm.id.user', user: '{bot}' },
            password: 'wrong',
          },
          whileAnswered: 403,
        },
        signIn(),
      ],
    },
  ],
};

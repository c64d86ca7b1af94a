import { exchange, signIn, type Theme, whoami } from '../script.ts';

const nowhere = { token: 'other', refresh: 'others' };

export const expiry: Theme = {
  name: 'expiry',
  on: 'expiring',
  scripts: [
    {
      name: 'of an access token that can be refreshed',
      steps: [
        signIn(),
        { ...whoami('token'), whileAnswered: 200 },
        { ask: 'GET /sync?timeout=0', as: '{token}' },
        { ask: 'GET /sync?timeout=0', as: 'nonsense', note: 'nonsense' },
        exchange('refresh', { token: 'next', refresh: 'next.refresh' }),
        whoami('next'),
        whoami('token'),
        { ...whoami('next'), whileAnswered: 200, note: 'until it expires' },
        { ask: 'POST /logout', as: '{next}', body: {}, note: 'expired' },
        exchange('next.refresh', nowhere),
      ],
    },
    {
      name: 'of an access token that cannot be refreshed',
      steps: [
        {
          ask: 'POST /login',
          body: {
            type: 'm.login.password',
            identifier: { type: 'm.id.user', user: '{bot}' },
            password: '{bot.password}',
          },
          keep: { token: 'access_token' },
        },
        { ...whoami('token'), whileAnswered: 200 },
      ],
    },
  ],
};

import { exchange, signIn, type Step, type Theme, whoami } from '../script.ts';

const nowhere = { token: 'other', refresh: 'others' };
const after: readonly Step[] = [whoami('token'), exchange('refresh', nowhere)];

export const sessionEnds: Theme = {
  name: 'the end of a session',
  scripts: [
    {
      name: 'logout',
      steps: [
        signIn(),
        signIn('bot', { device: 'OTHER', prefix: 'other.' }),
        whoami('token'),
        { ask: 'POST /logout', as: '{token}', body: {} },
        ...after,
        { ask: 'POST /logout', as: '{token}', body: {}, note: 'again' },
        whoami('other.token'),
        signIn(),
        whoami('token'),
      ],
    },
    {
      name: 'logout without a body, and without a token',
      steps: [signIn(), { ask: 'POST /logout' }, { ask: 'POST /logout', as: '{token}' }, ...after],
    },
    {
      name: 'logout of all',
      steps: [
        signIn(),
        signIn('bot', { device: 'OTHER', prefix: 'other.' }),
        { ask: 'POST /logout/all', as: '{token}', body: {} },
        ...after,
        whoami('other.token'),
      ],
    },
    {
      name: 'logout of one of two sessions on the same device',
      steps: [
        signIn(),
        signIn('bot', { prefix: 'other.' }),
        { ask: 'POST /logout', as: '{token}', body: {} },
        whoami('other.token'),
        exchange('other.refresh', nowhere),
      ],
    },
    {
      name: 'the device is deleted by an administrator',
      steps: [signIn(), { admin: 'delete device', account: 'bot', device: 'BOT' }, ...after, signIn()],
    },
    {
      name: 'the password is reset',
      steps: [signIn(), { admin: 'reset password', account: 'bot' }, ...after, signIn()],
    },
    {
      name: 'the password is reset, and no device logged out',
      steps: [signIn(), { admin: 'reset password, keep devices', account: 'bot' }, ...after],
    },
    {
      name: 'deactivation',
      steps: [signIn(), { admin: 'deactivate', account: 'bot' }, ...after, signIn()],
    },
  ],
};

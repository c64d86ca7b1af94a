import { signIn, type Theme, whoami } from '../script.ts';

const password = {
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user: '{bot}' },
  password: '{bot.password}',
  session: '{session}',
};

export const devices: Theme = {
  name: 'devices',
  scripts: [
    {
      name: 'listed, read and named',
      steps: [
        signIn(),
        { ask: 'GET /devices' },
        { ask: 'GET /devices', as: '{token}' },
        { ask: 'GET /devices/BOT', as: '{token}' },
        { ask: 'GET /devices/NONE', as: '{token}' },
        { ask: 'PUT /devices/BOT', as: '{token}', body: { display_name: 'A bot' } },
        { ask: 'PUT /devices/BOT', as: '{token}', body: {}, note: 'nothing' },
        { ask: 'PUT /devices/NONE', as: '{token}', body: { display_name: 'A bot' } },
        { ask: 'GET /devices/BOT', as: '{token}', note: 'named' },
      ],
    },
    {
      name: 'deleted, after user-interactive authentication',
      steps: [
        signIn(),
        signIn('bot', { device: 'OTHER', prefix: 'other.' }),
        { ask: 'DELETE /devices/OTHER', as: '{token}', body: {}, keep: { session: 'session' } },
        {
          ask: 'DELETE /devices/OTHER',
          as: '{token}',
          body: { auth: { ...password, password: 'wrong' } },
          note: 'wrong password',
        },
        {
          ask: 'DELETE /devices/OTHER',
          as: '{token}',
          body: { auth: { ...password, session: 'nonsense' } },
          note: 'unknown session',
        },
        { ask: 'DELETE /devices/OTHER', as: '{token}', body: { auth: password }, note: 'right password' },
        whoami('other.token'),
        whoami('token'),
        { ask: 'GET /devices', as: '{token}' },
      ],
    },
    {
      name: 'deleted, several at once',
      steps: [
        signIn(),
        signIn('bot', { device: 'OTHER', prefix: 'other.' }),
        {
          ask: 'POST /delete_devices',
          as: '{token}',
          body: { devices: ['OTHER'] },
          keep: { session: 'session' },
        },
        {
          ask: 'POST /delete_devices',
          as: '{token}',
          body: { devices: ['OTHER'], auth: password },
          note: 'right password',
        },
        whoami('other.token'),
      ],
    },
    {
      name: 'their keys',
      accounts: ['bot', 'alice'],
      steps: [
        signIn(),
        signIn('alice', { prefix: 'alice.' }),
        { ask: 'POST /keys/upload', as: '{token}', body: {}, note: 'nothing' },
        {
          ask: 'POST /keys/upload',
          as: '{token}',
          body: {
            device_keys: {
              user_id: '{bot.id}',
              device_id: 'BOT',
              algorithms: ['m.megolm.v1.aes-sha2'],
              keys: { 'curve25519:BOT': 'a', 'ed25519:BOT': 'b' },
              signatures: { '{bot.id}': { 'ed25519:BOT': 'c' } },
            },
            one_time_keys: {
              'signed_curve25519:AAAA': { key: 'd', signatures: { '{bot.id}': { 'ed25519:BOT': 'e' } } },
            },
          },
        },
        { ask: 'POST /keys/query', as: '{alice.token}', body: { device_keys: { '{bot.id}': [] } } },
        {
          ask: 'POST /keys/query',
          as: '{alice.token}',
          body: { device_keys: { '{bot.id}': ['BOT', 'NONE'], '@nobody:localhost': [] } },
          note: 'of devices',
        },
        {
          ask: 'POST /keys/claim',
          as: '{alice.token}',
          body: { one_time_keys: { '{bot.id}': { BOT: 'signed_curve25519' } } },
        },
        {
          ask: 'POST /keys/claim',
          as: '{alice.token}',
          body: { one_time_keys: { '{bot.id}': { BOT: 'signed_curve25519' } } },
          note: 'none left',
        },
        { ask: 'GET /sync?timeout=0', as: '{token}', keep: { since: 'next_batch' } },
        { ask: 'GET /keys/changes?from={since}&to={since}', as: '{alice.token}' },
      ],
    },
  ],
};

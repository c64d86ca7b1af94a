import { exchange, signIn, type Theme, whoami } from '../script.ts';

const bot = { type: 'm.id.user', user: '{bot}' };
const right = { type: 'm.login.password', identifier: bot, password: '{bot.password}' };

/** Logins that are refused, by what is wrong with them. */
const refused: readonly (readonly [note: string, body: unknown])[] = [
  ['wrong password', { ...right, password: 'wrong' }],
  ['empty password', { ...right, password: '' }],
  ['password missing', { type: 'm.login.password', identifier: bot }],
  ['password is a number', { ...right, password: 7 }],
  ['unknown user', { ...right, identifier: { ...bot, user: 'nobody' } }],
  ['user of another server', { ...right, identifier: { ...bot, user: '@bot:elsewhere.example' } }],
  ['identifier missing', { type: 'm.login.password', password: 'x' }],
  ['identifier without type', { ...right, identifier: { user: 'bot' } }],
  ['identifier of a type unknown', { ...right, identifier: { type: 'm.id.face' } }],
  ['identifier without user', { ...right, identifier: { type: 'm.id.user' } }],
  [
    'e-mail unknown',
    { ...right, identifier: { type: 'm.id.thirdparty', medium: 'email', address: 'a@b.example' } },
  ],
  [
    'e-mail that is none',
    { ...right, identifier: { type: 'm.id.thirdparty', medium: 'email', address: 'a' } },
  ],
  [
    'phone number unknown',
    { ...right, identifier: { type: 'm.id.thirdparty', medium: 'msisdn', address: '491701234567' } },
  ],
  ['third party without address', { ...right, identifier: { type: 'm.id.thirdparty', medium: 'email' } }],
  ['type missing', { identifier: bot, password: 'x' }],
  ['type unknown', { type: 'm.login.smile', identifier: bot }],
  ['type is a number', { ...right, type: 7 }],
  ['login token unknown', { type: 'm.login.token', token: 'nonsense' }],
  ['refresh_token is no boolean', { ...right, refresh_token: 'yes' }],
  ['device id too long', { ...right, device_id: 'D'.repeat(513) }],
  ['body is an array', []],
  ['body is no JSON', 'nonsense'],
  ['body is empty', ''],
];

export const login: Theme = {
  name: 'login',
  scripts: [
    {
      name: 'with a refresh token',
      steps: [signIn(), whoami('token'), { ask: 'GET /devices', as: '{token}' }],
    },
    {
      name: 'without a refresh token',
      steps: [{ ask: 'POST /login', body: right, keep: { token: 'access_token' } }, whoami('token')],
    },
    {
      name: 'by every spelling of the user',
      steps: [
        {
          ask: 'POST /login',
          body: { ...right, identifier: { ...bot, user: '{bot.id}' } },
          note: 'whole id',
        },
        { ask: 'POST /login', body: { ...right, identifier: undefined, user: '{bot}' }, note: 'old field' },
        { ask: 'POST /_matrix/client/r0/login', body: right },
        {
          ask: 'POST /login',
          body: { ...right, device_id: 'NAMED', initial_device_display_name: 'A bot', refresh_token: true },
          keep: { token: 'access_token' },
          note: 'named device',
        },
        { ask: 'GET /devices/NAMED', as: '{token}' },
      ],
    },
    {
      name: 'refused',
      steps: refused.map(([note, body]) => ({ ask: 'POST /login', body, note })),
    },
    {
      name: 'twice on one device',
      steps: [
        signIn(),
        signIn('bot', { prefix: 'second.' }),
        whoami('token'),
        whoami('second.token'),
        exchange('refresh', { token: 'third.token', refresh: 'third.refresh' }),
        { ask: 'GET /devices', as: '{second.token}' },
      ],
    },
  ],
};

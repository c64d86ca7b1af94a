import { jsonWebToken } from '../../support/json-web-token.ts';
import { homeservers, signIn, type Theme, whoami } from '../script.ts';

const { jwtSecret, applicationServices } = homeservers.manifold;
const [{ token: asToken }] = applicationServices;
const now = Math.floor(Date.now() / 1000);

const jwt = (token: unknown) => ({
  type: 'org.matrix.login.jwt',
  token,
  device_id: 'BOT',
  refresh_token: true,
});
const signed = (claims: object, secret: string = jwtSecret) => jwt(jsonWebToken(claims, secret));
const service = (user: string) => ({
  type: 'm.login.application_service',
  identifier: { type: 'm.id.user', user },
  device_id: 'BOT',
  refresh_token: true,
});

export const otherLogins: Theme = {
  name: 'other logins',
  on: 'manifold',
  scripts: [
    { name: 'what there is', steps: [{ ask: 'GET /login' }] },
    {
      name: 'by JSON Web Token',
      steps: [
        {
          ask: 'POST /login',
          body: signed({ sub: `jwt-${now}` }),
          keep: { token: 'access_token' },
          note: 'unknown account',
        },
        whoami('token'),
        { ask: 'POST /login', body: signed({ sub: `jwt-${now}`, exp: now - 60 }), note: 'within the leeway' },
        { ask: 'POST /login', body: signed({ sub: `jwt-${now}`, exp: now - 200 }), note: 'expired' },
        { ask: 'POST /login', body: signed({ sub: `jwt-${now}` }, 'another key'), note: 'signed by another' },
        { ask: 'POST /login', body: signed({}), note: 'names nobody' },
        { ask: 'POST /login', body: jwt(undefined), note: 'without a token' },
      ],
    },
    {
      name: 'by login token',
      steps: [
        signIn(),
        {
          ask: 'POST /_matrix/client/v1/login/get_token',
          as: '{token}',
          body: {},
          keep: { login: 'login_token' },
        },
        { ask: 'POST /login', body: { type: 'm.login.token', token: '{login}', refresh_token: true } },
        { ask: 'POST /login', body: { type: 'm.login.token', token: '{login}' }, note: 'again' },
        { ask: 'GET /capabilities', as: '{token}' },
      ],
    },
    {
      name: 'as an application service',
      steps: [
        { ask: 'POST /login', as: asToken, body: service('{bot}'), keep: { token: 'access_token' } },
        whoami('token'),
        { ask: 'POST /login', as: asToken, body: service('nobody-here'), note: 'nobody' },
        { ask: 'POST /login', as: asToken, body: service('user-unknown'), note: 'not registered' },
        { ask: 'POST /login', as: 'nonsense', body: service('{bot}'), note: 'wrong token' },
        { ask: 'POST /login', body: service('{bot}'), note: 'no token' },
        {
          ask: 'POST /login',
          as: asToken,
          body: { type: 'm.login.application_service' },
          note: 'names nobody',
        },
      ],
    },
  ],
};

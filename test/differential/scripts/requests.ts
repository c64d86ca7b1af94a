import { signIn, type Theme } from '../script.ts';

/** What is asked of any server, and what no server knows. */
export const requests: Theme = {
  name: 'requests',
  scripts: [
    {
      name: 'discovery',
      steps: [
        signIn(),
        { ask: 'GET /_matrix/client/versions' },
        { ask: 'GET /.well-known/matrix/client' },
        { ask: 'GET /login' },
        { ask: 'GET /_matrix/client/v1/auth_metadata' },
        { ask: 'GET /capabilities' },
        { ask: 'GET /capabilities', as: '{token}', note: 'with a token' },
        { ask: 'GET /voip/turnServer', as: '{token}' },
        { ask: 'GET /thirdparty/protocols', as: '{token}' },
        { ask: 'GET /room_keys/version', as: '{token}' },
        { ask: 'GET /pushrules/', as: '{token}' },
      ],
    },
    {
      name: 'the access token',
      steps: [
        signIn(),
        { ask: 'GET /account/whoami', note: 'none' },
        { ask: 'GET /account/whoami', authorization: 'Bearer', note: 'Bearer alone' },
        { ask: 'GET /account/whoami', authorization: 'Basic abc', note: 'Basic' },
        { ask: 'GET /account/whoami', authorization: 'bearer nonsense', note: 'small letters' },
        { ask: 'GET /account/whoami', as: 'nonsense' },
        { ask: 'GET /account/whoami', as: '{refresh}', note: 'the refresh token' },
        { ask: 'GET /account/whoami?access_token={token}', note: 'in the query' },
        { ask: 'GET /account/whoami?access_token=nonsense', note: 'nonsense in the query' },
        { ask: 'GET /_matrix/client/r0/account/whoami', as: '{token}' },
        { ask: 'GET /_matrix/client/unstable/account/whoami', as: '{token}' },
      ],
    },
    {
      name: 'that no server knows',
      steps: [
        signIn(),
        { ask: 'GET /no/such/endpoint', as: '{token}' },
        { ask: 'GET /no/such/endpoint', note: 'no token' },
        { ask: 'GET /_matrix/client/v9/account/whoami', as: '{token}' },
        { ask: 'GET /_matrix/nonsense', as: '{token}' },
        { ask: 'POST /account/whoami', as: '{token}', body: {} },
        { ask: 'DELETE /login' },
        { ask: 'PATCH /sync', as: '{token}' },
      ],
    },
  ],
};

import { exchange, signIn, type Theme, whoami } from '../script.ts';

const first = { token: 'token1', refresh: 'refresh1' };
const second = { token: 'token2', refresh: 'refresh2' };
const nowhere = { token: 'other', refresh: 'others' };

export const refresh: Theme = {
  name: 'refresh',
  scripts: [
    {
      name: 'rotation',
      steps: [
        signIn(),
        exchange('refresh', first),
        whoami('token'),
        whoami('token1'),
        exchange('refresh', nowhere),
        exchange('refresh1', second),
        whoami('token2'),
        exchange('refresh', nowhere),
        exchange('refresh1', nowhere),
        whoami('token1'),
      ],
    },
    {
      name: 'a lost answer',
      steps: [
        signIn(),
        exchange('refresh', first),
        exchange('refresh', second),
        whoami('token1'),
        exchange('refresh1', nowhere),
        whoami('token2'),
        exchange('refresh', nowhere),
        exchange('refresh2', nowhere),
      ],
    },
    {
      name: 'two rotations without a use',
      steps: [
        signIn(),
        exchange('refresh', first),
        exchange('refresh1', second),
        exchange('refresh', nowhere),
        whoami('token'),
        whoami('token1'),
        whoami('token2'),
      ],
    },
    {
      name: 'five at once',
      steps: [
        signIn(),
        {
          together: [1, 2, 3, 4, 5].map((number) =>
            exchange('refresh', { token: `token${number}`, refresh: `refresh${number}` }),
          ),
        },
        { together: [1, 2, 3, 4, 5].map((number) => ({ ...whoami(`token${number}`), note: 'one of five' })) },
        {
          together: [1, 2, 3, 4, 5].map((number) => ({
            ...exchange(`refresh${number}`, nowhere),
            note: 'one of five',
          })),
        },
      ],
    },
    {
      name: 'with something else than a refresh token',
      steps: [
        signIn(),
        { ask: 'POST /refresh', body: { refresh_token: '{token}' }, note: 'access token' },
        { ask: 'POST /refresh', body: { refresh_token: 'nonsense' }, note: 'nonsense' },
        { ask: 'POST /refresh', body: { refresh_token: '' }, note: 'empty' },
        { ask: 'POST /refresh', body: { refresh_token: 7 }, note: 'number' },
        { ask: 'POST /refresh', body: { refresh_token: null }, note: 'null' },
        { ask: 'POST /refresh', body: {}, note: 'nothing' },
        { ask: 'POST /refresh', body: 'nonsense', note: 'no JSON' },
        { ask: 'POST /refresh', body: '', note: 'no body' },
        { ask: 'GET /refresh' },
        {
          ask: 'POST /refresh',
          authorization: 'Bearer nonsense',
          body: { refresh_token: '{refresh}' },
          note: 'beside a bad access token',
        },
      ],
    },
  ],
};

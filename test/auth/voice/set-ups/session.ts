import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { matrixJsSdk } from '../../../../src/adapters/matrix-js-sdk/index.ts';
import { sqliteSessions } from '../../../../src/adapters/sessions/sqlite/index.ts';
import { credentials } from '../../../../src/index.ts';
import type { RequestMatch } from '../../../../src/testing/index.ts';
import { Person } from '../../../support/rest.ts';
import { answering, page, type Place, type SetUp } from './set-up.ts';

const to =
  (end: string): RequestMatch =>
  ({ path }) =>
    path.endsWith(end);

async function tokenOf({ homeserver, password }: Place): Promise<string> {
  const user = { localpart: 'bot', password };
  return (await Person.signIn(homeserver.url, user, { refreshToken: true })).tokens.access_token;
}

/** What signs in, and what it needs to stay so. */
export const wrongSessions: readonly SetUp[] = [
  {
    name: 'a wrong password',
    options: async () => ({ credentials: credentials({ username: 'bot', password: 'canary-pw-wrong' }) }),
    says: [/login-refused/, /MATRIX_PASSWORD/],
  },
  {
    name: 'an expired token and nothing else',
    options: async (place) => {
      const accessToken = await tokenOf(place);
      place.homeserver.expireTokens();
      return { credentials: credentials({ accessToken }) };
    },
    says: [/token-refused/, /MATRIX_USERNAME/],
  },
  {
    name: 'a mistyped token',
    options: async (place) => ({ credentials: credentials({ accessToken: `${await tokenOf(place)}x` }) }),
    says: [/token-refused/, /ACCESS_TOKEN/],
  },
  {
    name: 'a login that is rate-limited',
    options: answering(to('/login'), 429, {
      errcode: 'M_LIMIT_EXCEEDED',
      error: 'no',
      retry_after_ms: 90_000,
    }),
    says: [/rate-limited/, /until \d\d:\d\d:\d\d/],
  },
  {
    name: 'a login budget that is spent',
    options: async (place) => {
      await answering(to('/login'), 400, { errcode: 'M_CONSENT_NOT_GIVEN', error: 'no' })(place);
      return { loginBudget: { burst: 1 } };
    },
    says: [/login-budget-spent/, /at \d\d:\d\d:\d\d/, /session store/],
  },
  {
    name: '/sync that is refused for ever',
    options: async (place) => {
      await answering(to('/sync'), 400, { errcode: 'M_INVALID_PARAM', error: 'no' })(place);
      return { client: matrixJsSdk() };
    },
    says: [/sync-refused/, /400 M_INVALID_PARAM/],
  },
  {
    name: '/sync that refuses a token which everything else takes',
    options: async (place) => {
      await answering(to('/sync'), 401, { errcode: 'M_UNKNOWN_TOKEN', error: 'no' })(place);
      return { client: matrixJsSdk() };
    },
    says: [
      /endpoint-refuses-token/,
      /GET \/_matrix\/client\/v3\/sync refuses a token/,
      /ask its administrator/,
    ],
  },
  {
    name: 'a user name whose tokens are dead on arrival',
    options: async ({ proxy }) => {
      const body = (text: string) => text.replace(/(?<="access_token":")[^"]+/, 'canary-at-Dead');
      proxy.inject({
        match: to('/login'),
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'rewrite', body },
      });
      proxy.inject({
        match: to('/refresh'),
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'answer', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'no' } },
      });
      return {};
    },
    says: [/tokens-never-accepted/, /upper and lower case of MATRIX_USERNAME/, /proxy/, /clocks/],
  },
  {
    name: '/sync that runs into a proxy’s time limit',
    options: async (place) => {
      await answering(to('/sync'), 504, '<html>', page)(place);
      return { client: matrixJsSdk() };
    },
    says: [/sync-slow/, /first sync/, /504/],
  },
  {
    name: 'a proxy that strips the Authorization header',
    options: answering(to('/whoami'), 401, { errcode: 'M_MISSING_TOKEN', error: 'no' }),
    says: [/authorization-stripped/, /proxy/, /let it pass the header on/],
  },
  {
    name: 'a store that another process holds',
    options: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-'));
      const path = join(directory, 'bot.db');
      const sessions = sqliteSessions(path);
      await sessions.read('other', 'session');
      const other = new DatabaseSync(path);
      other.exec('BEGIN EXCLUSIVE');
      onTestFinished(async () => {
        other.close();
        await sessions.close();
        await rm(directory, { recursive: true, force: true });
      });
      return { sessions };
    },
    says: [/store-away/, /other process holds/],
  },
];

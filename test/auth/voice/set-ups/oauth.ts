import { createServer } from 'node:net';
import { type OAuthOptions, oauth } from '../../../../src/adapters/sign-in/oauth/index.ts';
import { answering, listening, page, type Place, type SetUp } from './set-up.ts';

type Options = Awaited<ReturnType<SetUp['options']>>;

/** A set-up whose author has chosen OAuth 2.0. */
function wrong(
  name: string,
  says: readonly RegExp[],
  prepare: (place: Place) => Promise<OAuthOptions | void>,
): SetUp {
  return {
    name,
    homeserver: { oauth: { pollIntervalMs: 50 } },
    options: async (place): Promise<Options> => ({ credentials: oauth((await prepare(place)) ?? {}) }),
    says,
  };
}

const always =
  (path: string, status: number, body: object | string, headers = {}) =>
  async (place: Place): Promise<void> => {
    await answering({ path }, status, body, headers)(place);
  };

const changed =
  (from: RegExp, to: string) =>
  async ({ proxy }: Place): Promise<void> => {
    const fault = { kind: 'rewrite', body: (text: string) => text.replace(from, to) } as const;
    proxy.inject({ match: { path: /auth_metadata$/ }, times: Number.POSITIVE_INFINITY, fault });
  };

/** The authorization server, and what is between it and the bot. */
export const wrongOAuth: readonly SetUp[] = [
  wrong(
    'a captive portal in place of the authorization server',
    [/no-authorization-server/, /"Welcome"/, /sign in there first/],
    always('/oauth2/device', 200, '<title>Welcome</title>', page),
  ),
  wrong(
    'an authorization server that redirects',
    [/no-authorization-server/, /redirects \(302\) to http:\/\/portal\.example/],
    always('/oauth2/registration', 302, '', { location: 'http://portal.example/' }),
  ),
  wrong(
    'a device grant that the server does not have',
    [/login-unsupported/, /no device grant/, /grant: "browser"/],
    async (place) => {
      await changed(/"device_authorization_endpoint":"[^"]*",/, '')(place);
      return { grant: 'device' };
    },
  ),
  wrong(
    'a server that registers nobody',
    [/login-refused/, /401 invalid_token/, /option clientId/],
    always('/oauth2/registration', 401, { error: 'invalid_token' }),
  ),
  wrong(
    'metadata without a token endpoint',
    [/malformed-answer/, /no token_endpoint/],
    changed(/"token_endpoint":"[^"]*",/, ''),
  ),
  wrong('a port for the browser that is taken', [/port-taken/, /port \d+/, /option port/], async () => ({
    grant: 'browser',
    port: await listening(createServer()),
  })),
];

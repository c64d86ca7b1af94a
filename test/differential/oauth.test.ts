import { expect, it, onTestFinished } from 'vitest';
import { createHomeserver } from '../../src/adapters/homeserver/index.ts';
import { oauth } from '../../src/adapters/sign-in/oauth/index.ts';
import { describeWithOAuthSynapse } from '../oauth/describe.ts';
import {
  type OAuthHomeserver,
  type OAuthHomeserverOptions,
  startOAuthTestHomeserver,
} from '../support/oauth-homeserver.ts';

interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly clientId: string;
}

/** Plays one script to a homeserver, and keeps what is the same on all that delegate. */
class Player {
  readonly answers: object[] = [];
  readonly #homeserver: OAuthHomeserver;
  readonly #userId: string;

  constructor(homeserver: OAuthHomeserver, userId: string) {
    this.#homeserver = homeserver;
    this.#userId = userId;
  }

  async signIn(deviceId: string): Promise<Tokens> {
    const { url } = this.#homeserver;
    const approved = Promise.withResolvers<unknown>();
    const answer = oauth().begin({
      homeserver: createHomeserver({ url }),
      homeserverUrl: url,
      fetch,
      deviceId,
      deviceDisplayName: 'a bot',
      refreshTokens: true,
      signal: new AbortController().signal,
      ask: (request) =>
        void this.#homeserver.approve(this.#userId, request).then(approved.resolve, approved.reject),
    });
    await approved.promise;
    const signedIn = await answer;
    if (!signedIn.ok) throw new Error('It was not signed in.');
    const { accessToken, refreshToken, renewal } = signedIn.value;
    return {
      access: accessToken.reveal(),
      refresh: refreshToken?.reveal() ?? '',
      clientId: renewal?.['clientId'] ?? '',
    };
  }

  end(deviceId: string): Promise<void> {
    return this.#homeserver.endSession(this.#userId, deviceId);
  }

  /** A request to the homeserver. */
  api(note: string, method: string, path: string, token?: string, body?: object): Promise<unknown> {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return this.#ask(`${note}: ${method} ${path}`, `/_matrix/client${path}`, init);
  }

  whoami(note: string, token?: string): Promise<unknown> {
    return this.api(note, 'GET', '/v3/account/whoami', token);
  }

  /** A request to the OAuth 2.0 server. */
  form(note: string, path: string, fields: Record<string, string>): Promise<Record<string, string>> {
    return this.#ask(`${note}: POST ${path}`, path, { method: 'POST', body: new URLSearchParams(fields) });
  }

  refresh(note: string, token: string, { clientId }: Tokens): Promise<Record<string, string>> {
    return this.form(note, '/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: clientId,
    });
  }

  async untilRefused(token: string): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.#homeserver.url}/_matrix/client/v3/account/whoami`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await response.body?.cancel();
      if (response.status === 401) return;
    }
  }

  async #ask(step: string, path: string, init: RequestInit): Promise<Record<string, string>> {
    const response = await fetch(`${this.#homeserver.url}${path}`, init);
    const body = JSON.parse((await response.text()) || '{}');
    const { errcode, error, soft_logout: softLogout } = body;
    this.answers.push({ step, status: response.status, errcode, error, softLogout });
    return body;
  }
}

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

async function session(player: Player): Promise<void> {
  const first = await player.signIn('DEVICE000001');
  const { access, clientId } = first;

  await player.api('', 'GET', '/v1/auth_metadata');
  await player.api('', 'GET', '/unstable/org.matrix.msc2965/auth_metadata');
  await player.whoami('a token', access);
  await player.whoami('no token');
  await player.whoami('nonsense', 'nonsense');
  for (const path of ['/v3/logout', '/v3/logout/all', '/v3/account/password', '/v3/account/deactivate'])
    await player.api('what it leaves to the other server', 'POST', path, access, {});
  await player.api('', 'GET', '/v3/login');
  await player.api('', 'POST', '/v3/login', undefined, { type: 'm.login.password' });
  await player.api('', 'POST', '/v3/refresh', undefined, { refresh_token: 'x' });
  await player.api('', 'GET', '/v3/devices', access);
  await player.api('', 'PUT', '/v3/devices/DEVICE000001', access, { display_name: 'x' });
  await player.api('', 'DELETE', '/v3/devices/DEVICE000001', access, {});
  await player.api('', 'POST', '/v3/delete_devices', access, { devices: ['DEVICE000001'] });

  await player.refresh('an unknown refresh token', 'x', first);
  await player.refresh('an unknown client', first.refresh, { ...first, clientId: 'nobody' });
  const refreshing = { grant_type: 'refresh_token', client_id: clientId };
  await player.form('no refresh token', '/oauth2/token', refreshing);
  await player.form('an unknown grant', '/oauth2/token', { grant_type: 'magic', client_id: clientId });
  await player.form('an unknown code', '/oauth2/token', {
    grant_type: DEVICE_CODE,
    device_code: 'x',
    client_id: clientId,
  });
  await player.form('an unknown client', '/oauth2/device', { client_id: 'nobody', scope: 'x' });

  const lost = await player.refresh('a refresh', first.refresh, first);
  const second = await player.refresh('again, since its answer was lost', first.refresh, first);
  await player.whoami('the pair that was lost', lost['access_token']);
  await player.whoami('the pair after it', second['access_token']);
  await player.refresh('again, when the next pair is used', first.refresh, first);

  const ended = await player.signIn('DEVICE000002');
  await player.whoami('before it is ended', ended.access);
  await player.end('DEVICE000002');
  await player.whoami('ended', ended.access);
  await player.refresh('ended', ended.refresh, ended);

  const revoked = await player.signIn('DEVICE000003');
  await player.form('a refresh token', '/oauth2/revoke', {
    token: revoked.refresh,
    client_id: revoked.clientId,
  });
  await player.whoami('revoked', revoked.access);
  await player.refresh('revoked', revoked.refresh, revoked);
  await player.form('an unknown token', '/oauth2/revoke', { token: 'x', client_id: revoked.clientId });
}

/** What comes of a token that has run out. */
async function expiry(player: Player): Promise<void> {
  const tokens = await player.signIn('DEVICE000001');
  await player.untilRefused(tokens.access);
  await player.whoami('expired', tokens.access);
  await player.refresh('expired', tokens.refresh, tokens);
}

describeWithOAuthSynapse('the test homeserver with OAuth 2.0 answers as real software does', {}, (start) => {
  async function answersTo(
    script: (player: Player) => Promise<void>,
    options: OAuthHomeserverOptions,
  ): Promise<readonly (readonly object[])[]> {
    // On Synapse itself there is nothing of the API of before.
    const ours = startOAuthTestHomeserver({ ...options, compatibility: false });
    return Promise.all(
      [ours, start(options)].map(async (starting) => {
        const homeserver = await starting;
        onTestFinished(() => homeserver.stop());
        const { userId } = await homeserver.createUser('bot');
        const player = new Player(homeserver, userId);
        await script(player);
        return player.answers;
      }),
    );
  }

  it.each([
    ['while tokens are good', session, 600_000],
    ['when a token has run out', expiry, 1_000],
  ] as const)('%s: status, error and soft_logout of each step', async (_, script, accessTokenLifetimeMs) => {
    const [ours, theirs] = await answersTo(script, { accessTokenLifetimeMs });
    expect(ours).not.toEqual([]);
    expect(ours).toEqual(theirs);
  });
});

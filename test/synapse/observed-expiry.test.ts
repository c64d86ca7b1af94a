import { expect, it } from 'vitest';
import { canaryPassword, describeOnBoth, freshUser } from '../support/both.ts';
import { call, createRoom, login, refresh, refusal, tokensOf, untilRefused, whoami } from './api.ts';
import { lengthened } from '../support/slowness.ts';

const EXPIRED = { status: 401, errcode: 'M_UNKNOWN_TOKEN', softLogout: true };
const NO_SUCH_REFRESH_TOKEN = { status: 401, errcode: 'M_UNKNOWN_TOKEN' };
const FORBIDDEN = { status: 403, errcode: 'M_FORBIDDEN' };

describeOnBoth(
  'observed: expiry',
  { accessTokenLifetimeMs: lengthened(1_000), refreshTokenLifetimeMs: lengthened(2_000) },
  ({ homeserver }) => {
    it.concurrent('an expired access token is told from one logged out', async () => {
      const { url } = homeserver();
      const { localpart, password } = await freshUser(homeserver());
      const { accessToken } = tokensOf(await login(url, localpart, password));
      const answer = await untilRefused(() => whoami(url, accessToken));
      expect(refusal(answer)).toEqual(EXPIRED);
    });

    it.concurrent('logout takes an expired access token, and ends the refresh chain', async () => {
      const { url } = homeserver();
      const { userId, localpart, password } = await freshUser(homeserver());
      const { accessToken, refreshToken } = tokensOf(await login(url, localpart, password));
      await untilRefused(() => whoami(url, accessToken));
      expect((await call(url, 'POST', '/logout', { token: accessToken })).status).toBe(200);
      expect(refusal(await refresh(url, refreshToken))).toEqual(NO_SUCH_REFRESH_TOKEN);
      expect(await homeserver().devices(userId)).toEqual([]);
    });

    it.concurrent('a refresh token past its lifetime is forbidden', async () => {
      const { url } = homeserver();
      const { localpart, password } = await freshUser(homeserver());
      const { refreshToken } = tokensOf(await login(url, localpart, password));
      expect(refusal(await untilRefused(() => refresh(url, refreshToken)))).toEqual(FORBIDDEN);
    });

    it.concurrent('a long poll is not cut when its token expires', async () => {
      const { url } = homeserver();
      const { localpart, password } = await freshUser(homeserver());
      const { accessToken: token } = tokensOf(await login(url, localpart, password));
      const { body } = await call(url, 'GET', '/sync?timeout=0', { token });
      const since = encodeURIComponent(String(body['next_batch']));
      let open = true;
      const poll = call(url, 'GET', `/sync?timeout=20000&since=${since}`, { token }).finally(() => {
        open = false;
      });
      expect(refusal(await untilRefused(() => whoami(url, token)))).toEqual(EXPIRED);
      expect(open).toBe(true);
      const another = tokensOf(await login(url, localpart, password));
      await createRoom(url, another.accessToken);
      expect((await poll).status).toBe(200);
    });
  },
);

describeOnBoth(
  'observed: no refresh tokens',
  { accessTokenLifetimeMs: null, nonRefreshableLifetimeMs: 1000 },
  ({ homeserver }) => {
    it.concurrent('login gives no refresh token though asked, and /refresh is no endpoint', async () => {
      const { url } = homeserver();
      const { localpart, password } = await freshUser(homeserver());
      const { status, body } = await login(url, localpart, password);
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('refresh_token');
      expect(refusal(await refresh(url, 'nonsense'))).toEqual({ status: 404, errcode: 'M_UNRECOGNIZED' });
    });

    it.concurrent('an access token without a refresh token expires after its own lifetime', async () => {
      const { url } = homeserver();
      const { localpart, password } = await freshUser(homeserver());
      const { body } = await login(url, localpart, password);
      expect(body['expires_in_ms']).toBeLessThanOrEqual(1000);
      const answer = await untilRefused(() => whoami(url, String(body['access_token'])));
      expect(refusal(answer)).toEqual(EXPIRED);
    });
  },
);

describeOnBoth(
  'observed: few logins',
  { loginRateLimit: { perSecond: 0.01, burst: 3 } },
  ({ homeserver }) => {
    it.concurrent('after too many, wrong ones included, the right password is a 429 with both forms of the wait', async () => {
      const { url } = homeserver();
      const { localpart, password } = await freshUser(homeserver());
      expect((await login(url, localpart, password)).status).toBe(200);
      expect(refusal(await login(url, localpart, canaryPassword()))).toEqual(FORBIDDEN);
      const { status, headers, body } = await untilRefused(() => login(url, localpart, password));
      expect({ status, errcode: body['errcode'] }).toEqual({ status: 429, errcode: 'M_LIMIT_EXCEEDED' });
      expect(body['retry_after_ms']).toBeGreaterThan(0);
      expect(Number(headers.get('retry-after'))).toBe(Math.ceil(Number(body['retry_after_ms']) / 1000));
      const other = await freshUser(homeserver());
      expect((await login(url, other.localpart, other.password)).status).toBe(429);
    });
  },
);

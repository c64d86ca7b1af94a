import { describe, expect, test } from 'vitest';
import { describeOnBoth, freshUser } from '../../support/both.ts';
import { rounds } from '../../support/long.ts';
import { runCliProcess } from '../running.ts';
import { examined, expectNoSecret, placeIn, type SetUp, storeOf, withPassword, withToken } from './place.ts';

const lasting: readonly SetUp[] = [
  {
    name: 'a user name with a password',
    given: (place) => ({ env: withPassword(place) }),
    exitCode: 0,
    finds: ['good server-answers', 'good login-offered', 'note login-untried', 'note login-each-start'],
    says: [/: will last\n/, /^Next +the bot logs in at its start/m, /^To do +Nothing\.$/m],
  },
  {
    name: 'an access token alone',
    given: async (place) => ({ env: await withToken(place) }),
    exitCode: 1,
    finds: ['good server-answers', 'good token-accepted', 'attention renewal-impossible'],
    says: [
      /^@user-\w+:localhost: WILL NOT LAST/,
      /cannot be renewed, and there is no password: when it ends, the bot ends/,
      /matrix-auth-machine login http:\S+ --store bot\.db/,
    ],
  },
  {
    name: 'a stored session',
    given: async (place) => ({
      args: [place.proxy.url, '--store', (await storeOf(place)).file],
    }),
    exitCode: 0,
    finds: ['good server-answers', 'good token-accepted', 'good renewal-possible'],
    says: [
      /number 1 \([0-9a-f]{8}\); ends in .*; with a refresh token/,
      /^Next +the bot refreshes, in 3 min/m,
    ],
  },
  {
    name: 'an access token and a password',
    given: async (place) => ({ env: { ...withPassword(place), ...(await withToken(place)) } }),
    exitCode: 0,
    finds: [
      'good server-answers',
      'good token-accepted',
      'good login-offered',
      'good login-follows',
      'note login-untried',
    ],
    says: [/the token ends, and the bot logs in/],
  },
  {
    name: 'an access token with its refresh token, and nothing that keeps the next one',
    given: async (place) => ({ env: await withToken(place, { refreshToken: true }) }),
    exitCode: 1,
    finds: ['good server-answers', 'good token-accepted', 'attention renewal-unstored'],
    says: [/signed out at its next restart/, /sqliteSessions/],
  },
  {
    name: 'a stored session that cannot be renewed',
    given: async (place) => {
      const { file } = await storeOf(place, { refreshTokens: false });
      return { args: ['--store', file], env: { HOMESERVER_URL: place.proxy.url } };
    },
    exitCode: 1,
    finds: ['good server-answers', 'good token-accepted', 'attention renewal-impossible'],
  },
  {
    name: 'a stored session whose device was removed',
    given: async (place) => {
      const { file, deviceId } = await storeOf(place);
      await place.homeserver.deleteDevice(place.user.userId, deviceId);
      return { args: [place.proxy.url, '--store', file] };
    },
    exitCode: 1,
    finds: ['good server-answers', 'note token-refused', 'attention renewal-untried'],
    says: [/ended from outside/, /Try it with --try/],
  },
  {
    name: 'a stored session whose device was removed, and a password',
    given: async (place) => {
      const { file, deviceId } = await storeOf(place);
      await place.homeserver.deleteDevice(place.user.userId, deviceId);
      return { args: ['--store', file], env: withPassword(place) };
    },
    exitCode: 0,
    finds: [
      'good server-answers',
      'note token-refused',
      'good login-offered',
      'good renewal-possible',
      'good login-follows',
    ],
    says: [/refreshes at its start; if that is refused, it logs in/],
  },
  {
    name: 'a stored session beside an old ACCESS_TOKEN',
    given: async (place) => {
      const env = {
        ...(await withToken(place)),
        ACCESS_TOKEN: 'syt_canary-at-which_was_never_issued_000000',
      };
      return { args: ['--store', (await storeOf(place)).file], env: { ...env, MATRIX_REFRESH_TOKEN: '' } };
    },
    exitCode: 0,
    finds: [
      'good server-answers',
      'good token-accepted',
      'note token-refused',
      'note given-token-differs',
      'good renewal-possible',
    ],
    says: [/the stored session is the newer/],
  },
  {
    name: 'an access token that was logged out',
    given: async (place) => ({
      env: { ...(await withToken(place)), ACCESS_TOKEN: 'syt_canary-at-which_was_never_issued_000000' },
    }),
    exitCode: 1,
    finds: ['good server-answers', 'note token-refused', 'attention renewal-impossible'],
    says: [/the bot is signed out/],
  },
  {
    name: 'an access token of another user',
    given: async (place) => {
      const other = await freshUser(place.homeserver);
      place.secrets.push(other.password);
      return { env: { ...withPassword(place), ...(await withToken({ ...place, user: other })) } };
    },
    exitCode: 1,
    finds: ['good server-answers', 'good token-accepted', 'attention identity-mismatch'],
    says: [/ACCESS_TOKEN is @user-\w+:localhost’s, and MATRIX_USERNAME is "user-/, /fails at its start/],
  },
  {
    name: 'a user name of another server',
    given: (place) => ({ env: { ...withPassword(place), MATRIX_USERNAME: '@bot:example.test' } }),
    exitCode: 1,
    finds: ['good server-answers', 'attention user-of-another-server'],
    says: [/the homeserver at http:\S+ is localhost/],
  },
  {
    name: 'a locked account',
    given: async (place) => {
      const env = await withToken(place);
      await place.homeserver.setLocked(place.user.userId, true);
      return { env };
    },
    exitCode: 1,
    finds: ['good server-answers', 'attention account-locked'],
  },
  {
    name: 'a homeserver and nothing else',
    given: ({ proxy }) => ({ args: [proxy.url] }),
    exitCode: 0,
    finds: ['good server-answers'],
    says: [/: a homeserver\n/, /which is localhost; it speaks up to v1\.\d+/, /offers +m\.login\.password/],
  },
  {
    name: 'another homeserver than that of the environment',
    given: async (place) => ({
      args: [place.proxy.url],
      env: { ...(await withToken(place)), HOMESERVER_URL: 'https://matrix.example.test' },
    }),
    exitCode: 0,
    finds: ['note credentials-left-out', 'good server-answers'],
  },
];

describeOnBoth('doctor says what becomes of', { accessTokenLifetimeMs: 300_000 }, (context) => {
  // What the homeserver has to say is in the first of them; both answer it alike.
  const setUps = context.real ? lasting.slice(0, rounds({ short: 3, long: 15 })) : lasting;
  test.each(setUps)('$name', async (setUp) => {
    await examined(await placeIn(context), setUp);
  });

  describe('and with --try', () => {
    test('renews a stored session, which lives on in the store', async () => {
      const place = await placeIn(context);
      const { file } = await storeOf(place);
      const args = ['doctor', place.proxy.url, '--store', file];
      const tried = await runCliProcess([...args, '--try']);
      expect(tried.stdout).toContain('A renewal was tried, and went well');
      expect(tried.stdout).toContain('number 2 ');
      expect(tried.code).toBe(0);
      expect(place.proxy.count({ path: '/refresh' })).toBe(1);
      expectNoSecret(place, tried.stdout + tried.stderr);
      const after = await runCliProcess(args);
      expect(after.stdout).toContain('number 2 ');
      expect(after.code).toBe(0);
    });

    test('says that a session has ended', async () => {
      const place = await placeIn(context);
      const { file, deviceId } = await storeOf(place);
      await place.homeserver.deleteDevice(place.user.userId, deviceId);
      const tried = await runCliProcess(['doctor', place.proxy.url, '--store', file, '--try']);
      expect(tried.stdout).toContain('A renewal was tried, and the session has failed (session-ended)');
      expect(tried.code).toBe(1);
    });

    test('logs in on a device of its own, and leaves none behind', async () => {
      const place = await placeIn(context);
      const { user, proxy, homeserver } = place;
      const good = await runCliProcess(['doctor', '--try'], { env: withPassword(place) });
      expect(good.stdout).toContain(
        `A login was tried, and went well: ${user.userId}. Its tokens live for 5 min`,
      );
      expect(good.code).toBe(0);
      expect(await homeserver.devices(user.userId)).toEqual([]);
      expect(proxy.count({ method: 'POST', path: '/login' })).toBe(1);
      const wrong = await runCliProcess(['doctor', '--try'], {
        env: { ...withPassword(place), MATRIX_PASSWORD: 'canary-pw-of-nobody' },
      });
      expect(wrong.stdout).toContain('A login was tried, and refused (login: 403 M_FORBIDDEN)');
      expect(wrong.code).toBe(1);
      expectNoSecret(place, good.stdout + wrong.stdout + good.stderr + wrong.stderr);
      expect(wrong.stdout).not.toContain('canary-pw-of-nobody');
    });
  });
});

describeOnBoth('doctor looks at tokens that have run out', { accessTokenLifetimeMs: 250 }, (context) => {
  test('a stored session is renewed with --try, and not without', async () => {
    const place = await placeIn(context);
    const { file } = await storeOf(place);
    const args = [place.proxy.url, '--store', file];
    await expect
      .poll(async () => (await runCliProcess(['doctor', ...args])).code, { timeout: 20_000 })
      .toBe(2);
    await examined(place, {
      name: '',
      given: () => ({ args }),
      exitCode: 2,
      finds: ['good server-answers', 'note token-expired', 'unknown renewal-untried'],
      says: [/cannot tell now/, /ended .* ago/, /as it does while no bot runs/],
    });
    const tried = await runCliProcess(['doctor', ...args, '--try']);
    expect(tried.stdout).toContain('A renewal was tried, and went well');
    expectNoSecret(place, tried.stdout + tried.stderr);
  });

  test('a token of the environment, with nothing to renew it', async () => {
    const place = await placeIn(context);
    const { HOMESERVER_URL, ACCESS_TOKEN } = await withToken(place, { refreshToken: true });
    await expect
      .poll(async () => {
        const headers = { authorization: `Bearer ${ACCESS_TOKEN}` };
        return (await fetch(`${HOMESERVER_URL}/_matrix/client/v3/account/whoami`, { headers })).status;
      })
      .toBe(401);
    await examined(place, {
      name: '',
      given: () => ({ env: { HOMESERVER_URL, ACCESS_TOKEN } }),
      exitCode: 1,
      finds: ['good server-answers', 'note token-expired', 'attention renewal-impossible'],
    });
  });
});

import { expect, it } from 'vitest';
import { renewedSession } from '../../../src/adapters/sessions/session-renewal.ts';
import { Secret } from '../../../src/ports/index.ts';
import { session } from './keeper-fixtures.ts';

const [accessToken, refreshToken, spent] = ['access-2', 'refresh-2', 'refresh-1'].map(
  (token) => new Secret(token),
) as [Secret, Secret, Secret];

it('has no more than what is known', () => {
  expect(renewedSession(undefined, { accessToken, sentAt: 5 }, 1, undefined)).toStrictEqual({
    generation: 1,
    accessToken,
    obtainedAt: 5,
  });
});

it('has what the homeserver said, rather than what was known', () => {
  const grant = {
    accessToken,
    refreshToken,
    userId: '@other:localhost',
    deviceId: 'OTHER',
    expiresInMs: 60,
    sentAt: 5,
  };
  expect(renewedSession(session(1), grant, 2, spent)).toStrictEqual({
    userId: '@other:localhost',
    deviceId: 'OTHER',
    generation: 2,
    accessToken,
    refreshToken,
    previous: spent,
    obtainedAt: 5,
    expiresAt: 65,
  });
});

it('keeps what was known where the homeserver says nothing: its user and device, and the token that it was renewed with', () => {
  expect(renewedSession(session(1), { accessToken, sentAt: 5 }, 2, spent)).toStrictEqual({
    userId: '@bot:localhost',
    deviceId: 'DEV',
    generation: 2,
    accessToken,
    refreshToken: spent,
    obtainedAt: 5,
  });
});

it('forgets the refresh token of before a login', () => {
  const renewed = renewedSession(session(1), { accessToken, sentAt: 5 }, 2, undefined);
  expect(renewed).not.toHaveProperty('refreshToken');
  expect(renewed).not.toHaveProperty('previous');
});

it('is of the same kind after a renewal, and of that of the sign-in after one', () => {
  const before = { ...session(1), kind: 'oauth', renewal: { clientId: 'c1' } };
  const grant = { accessToken, sentAt: 5 };
  expect(renewedSession(before, grant, 2, spent)).toMatchObject({
    kind: 'oauth',
    renewal: { clientId: 'c1' },
  });
  const renewed = renewedSession(before, { ...grant, renewal: { clientId: 'c2' } }, 2, spent);
  expect(renewed).toMatchObject({ kind: 'oauth', renewal: { clientId: 'c2' } });
  const signedIn = renewedSession(before, grant, 2, undefined);
  expect(signedIn).not.toHaveProperty('kind');
  expect(signedIn).not.toHaveProperty('renewal');
});

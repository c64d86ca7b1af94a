import { describe, expect, it } from 'vitest';
import { createHomeserver, localpartOf, namesUser } from '../../../../src/adapters/sign-in/password/index.ts';
import { Secret } from '../../../src/ports/index.ts';
import { startTestHomeserver } from '../../../src/testing/index.ts';

it.each(['bot', '@bot', '@bot:localhost', 'bot:localhost', ' bot '])(
  '%j means the same user, in one login attempt',
  async (username) => {
    await using homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'pw' }] });
    const answer = await createHomeserver({ url: homeserver.url }).login({
      username,
      password: new Secret('pw'),
      deviceId: 'DEV',
      refreshToken: false,
    });
    expect(answer).toMatchObject({ ok: true, value: { userId: '@bot:localhost', deviceId: 'DEV' } });
    expect(homeserver.requests).toHaveLength(1);
    expect(namesUser(username, '@bot:localhost')).toBe(true);
    expect(localpartOf(username)).toBe('bot');
  },
);

describe('somebody whom the homeserver knows by', () => {
  it.each(['bot@example.org', 'Bot@Example.org', '+491701234567', '+49 (170) 123-4567'])(
    '%j, signs in with it, in one login attempt',
    async (username) => {
      await using homeserver = await startTestHomeserver({
        users: [{ localpart: 'b7', password: 'pw', emails: ['bot@example.org'], phones: ['491701234567'] }],
      });
      const answer = await createHomeserver({ url: homeserver.url }).login({
        username,
        password: new Secret('pw'),
        deviceId: 'DEV',
        refreshToken: false,
      });
      expect(answer).toMatchObject({ ok: true, value: { userId: '@b7:localhost' } });
      expect(homeserver.requests).toHaveLength(1);
      expect(namesUser(username, '@b7:localhost')).toBe(true);
    },
  );

  it('nothing of the kind: is refused as a wrong name', async () => {
    await using homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'pw' }] });
    const answer = await createHomeserver({ url: homeserver.url }).login({
      username: 'bot@localhost',
      password: new Secret('pw'),
      deviceId: 'DEV',
      refreshToken: false,
    });
    expect(answer).toMatchObject({ ok: false, rejection: { status: 403, errcode: 'M_FORBIDDEN' } });
  });
});

it.each([
  ['bot', '@other:localhost'],
  ['@bot:localhost', '@bot:elsewhere'],
  ['bot:localhost', '@other:localhost'],
  ['bot', '@robot:localhost'],
])('%s is not %s', (username, userId) => {
  expect(namesUser(username, userId)).toBe(false);
});

it('only the first @ is no part of a user name', () => {
  // Historical user ids may have such letters.
  expect(namesUser('a@b', '@a@b:localhost')).toBe(true);
  expect(namesUser('a@b:localhost', '@a@b:localhost')).toBe(true);
  expect(localpartOf('a@b')).toBe('a@b');
});

it('a user name with capitals names the user that Synapse logs in for it', () => {
  // Synapse looks a user name up without regard to case, and answers with the user id as it was registered.
  expect(namesUser('Bot', '@bot:localhost')).toBe(true);
  expect(namesUser('@Bot:Localhost', '@bot:localhost')).toBe(true);
});

import { expect, it } from 'vitest';
import { password } from '../../../../src/adapters/sign-in/index.ts';
import { startTestHomeserver } from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';
import { describeSignIn } from '../describe-sign-in.ts';

const accountOf = (username: string) => password({ username, password: 'pw' }).account;

const signedIn = (username: string, url: string) =>
  password({ username, password: 'pw' }).begin(contextFor(url));

it.each(['bot', '@bot', '@bot:localhost', 'bot:localhost', ' bot '])(
  '%j means the same user, in one login attempt',
  async (username) => {
    await using homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'pw' }] });
    const answer = await signedIn(username, homeserver.url);
    expect(answer).toMatchObject({ ok: true, value: { userId: '@bot:localhost', deviceId: 'BOTDEVICE1' } });
    expect(homeserver.requests).toHaveLength(1);
    expect(accountOf(username)?.isUser('@bot:localhost')).toBe(true);
    expect(accountOf(username)?.name).toBe('bot');
  },
);

it.each(['bot@example.org', 'Bot@Example.org', '+491701234567', '+49 (170) 123-4567'])(
  '%j, an identifier of a third party, signs in, in one login attempt',
  async (username) => {
    await using homeserver = await startTestHomeserver({
      users: [{ localpart: 'b7', password: 'pw', emails: ['bot@example.org'], phones: ['491701234567'] }],
    });
    const answer = await signedIn(username, homeserver.url);
    expect(answer).toMatchObject({ ok: true, value: { userId: '@b7:localhost' } });
    expect(homeserver.requests).toHaveLength(1);
    expect(accountOf(username)?.isUser('@b7:localhost')).toBe(true);
  },
);

it('an e-mail address that nobody has is refused as a wrong name', async () => {
  await using homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'pw' }] });
  expect(await signedIn('bot@localhost', homeserver.url)).toMatchObject({
    ok: false,
    rejection: { status: 403, errcode: 'M_FORBIDDEN' },
  });
});

it.each([
  ['bot', '@other:localhost'],
  ['@bot:localhost', '@bot:elsewhere'],
  ['bot:localhost', '@other:localhost'],
  ['bot', '@robot:localhost'],
])('%s is not %s', (username, userId) => {
  expect(accountOf(username)?.isUser(userId)).toBe(false);
});

it('only the first @ is no part of a user name', () => {
  // Historical user ids may have such letters.
  expect(accountOf('a@b')?.isUser('@a@b:localhost')).toBe(true);
  expect(accountOf('a@b:localhost')?.isUser('@a@b:localhost')).toBe(true);
  expect(accountOf('a@b')?.name).toBe('a@b');
});

it('a user name with capitals names the user that Synapse logs in for it', () => {
  // Synapse looks a user name up without regard to case, and answers with the user id as it was registered.
  expect(accountOf('Bot')?.isUser('@bot:localhost')).toBe(true);
  expect(accountOf('@Bot:Localhost')?.isUser('@bot:localhost')).toBe(true);
});

describeSignIn('a password', {
  right: (_, canary) => password({ username: 'bot', password: canary }),
  wrong: (canary) => password({ username: 'bot', password: `${canary}-not` }),
});

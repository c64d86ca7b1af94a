import { expect, it } from 'vitest';
import { loginToken, meaningOf } from '../../../../src/index.ts';
import { startTestHomeserver } from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';
import { CANARY, describeSignIn } from '../describe-sign-in.ts';

const users = [{ localpart: 'bot', password: CANARY }];

describeSignIn('a login token', {
  right: (homeserver) => loginToken({ token: homeserver.issueLoginToken('@bot:localhost') }),
  wrong: (canary) => loginToken({ token: canary }),
});

describeSignIn('a function that gets login tokens', {
  right: (homeserver) => loginToken({ token: async () => homeserver.issueLoginToken('@bot:localhost') }),
  wrong: (canary) => loginToken({ token: () => canary }),
});

it('one that has signed in is not sent again', async () => {
  await using homeserver = await startTestHomeserver({ users });
  const token = homeserver.issueLoginToken('@bot:localhost');
  const way = loginToken({ token: () => token });
  expect((await way.begin(contextFor(homeserver.url))).ok).toBe(true);
  const answer = await way.begin(contextFor(homeserver.url));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(homeserver.requests).toHaveLength(1);
});

it('one whose answer was lost is sent again: the homeserver may not have seen it', async () => {
  await using homeserver = await startTestHomeserver({ users, loginRateLimit: { perSecond: 1, burst: 0.5 } });
  const way = loginToken({ token: homeserver.issueLoginToken('@bot:localhost') });
  const limited = await way.begin(contextFor(homeserver.url));
  expect(!limited.ok && meaningOf(limited.rejection)).toBe('transient');
  await way.begin(contextFor(homeserver.url));
  expect(homeserver.requests).toHaveLength(2);
});

import { expect, it } from 'vitest';
import { applicationService, meaningOf } from '../../../../src/index.ts';
import { startTestHomeserver } from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';
import { CANARY, describeSignIn } from '../describe-sign-in.ts';

const users = [{ localpart: 'bot', password: CANARY }];
const applicationServices = [{ token: CANARY, users: '@(bot|ghost):' }];

describeSignIn('an application service', {
  homeserver: { applicationServices },
  right: (_, canary) => applicationService({ token: canary, username: '@bot' }),
  wrong: (canary) => applicationService({ token: `${canary}-not`, username: 'bot' }),
});

it.each([
  ['outside of its namespace', 'other'],
  ['that was never registered', 'ghost'],
])('a user %s is refused for good, with advice', async (_, username) => {
  await using homeserver = await startTestHomeserver({ users, applicationServices });
  const way = applicationService({ token: CANARY, username });
  const answer = await way.begin(contextFor(homeserver.url));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(way.advice.refused).toMatch(/namespace.*registered/);
});

it('its token is sent with the login alone', async () => {
  await using homeserver = await startTestHomeserver({ users, applicationServices });
  const answer = await applicationService({ token: CANARY, username: 'bot' }).begin(
    contextFor(homeserver.url),
  );
  expect(answer.ok && answer.value.accessToken.reveal()).not.toBe(CANARY);
});

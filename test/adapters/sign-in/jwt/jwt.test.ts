import { expect, it } from 'vitest';
import { jwt, meaningOf } from '../../../../src/index.ts';
import { startTestHomeserver } from '../../../../src/testing/index.ts';
import { jsonWebToken } from '../../../support/json-web-token.ts';
import { contextFor } from '../context.ts';
import { describeSignIn, KEY } from '../describe-sign-in.ts';

const minted = (claims: object = {}, key = KEY) => jsonWebToken({ sub: 'bot', ...claims }, key);

describeSignIn('a JSON Web Token', {
  homeserver: { jwtSecret: KEY },
  right: (_, canary) => jwt({ token: () => minted({ canary }), username: 'bot' }),
  wrong: (canary) => jwt({ token: `${canary}.${canary}.${canary}` }),
});

it('is minted anew at each login', async () => {
  await using homeserver = await startTestHomeserver({ jwtSecret: KEY });
  const asked: boolean[] = [];
  const way = jwt({
    token: async ({ refused }) => {
      asked.push(refused);
      return minted({ exp: Math.floor(Date.now() / 1000) + 30 });
    },
  });
  for (let login = 0; login < 2; login += 1) {
    expect(await way.begin(contextFor(homeserver.url))).toMatchObject({ ok: true });
  }
  expect(asked).toEqual([false, false]);
});

it('one that is out of date is minted once more, and a refusal after that is one', async () => {
  await using homeserver = await startTestHomeserver({ jwtSecret: KEY });
  const asked: boolean[] = [];
  const expired = minted({ exp: 1 });
  const way = (second: string) =>
    jwt({
      token: ({ refused }) => {
        asked.push(refused);
        return refused ? second : expired;
      },
    });
  expect(await way(minted()).begin(contextFor(homeserver.url))).toMatchObject({ ok: true });
  expect(asked).toEqual([false, true]);
  const answer = await way(expired).begin(contextFor(homeserver.url));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  // The same token is not sent twice.
  expect(homeserver.requests).toHaveLength(3);
});

it('the advice names the function only where there is none', () => {
  expect(jwt({ token: 'fixed' }).advice.refused).toContain('give a function');
  expect(jwt({ token: () => 'minted' }).advice.refused).not.toContain('give a function');
});

it('a server without JSON Web Tokens does not support them', async () => {
  await using homeserver = await startTestHomeserver();
  const answer = await jwt({ token: minted() }).begin(contextFor(homeserver.url));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('unsupported');
});

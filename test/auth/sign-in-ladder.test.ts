import { expect, it } from 'vitest';
import { accessToken, loginToken, password } from '../../src/index.ts';
import { makeAuth, PASSWORD, WHOAMI } from './make.ts';
import { approval, sharedSecret } from './sign-in-kind/shared-secret.ts';

const wrong = () => password({ username: 'bot', password: 'canary-pw-wrong01' });

it('a kind of sign-in that is one folder signs a bot in, again and again', async () => {
  const { auth, homeserver, proxy } = await makeAuth({
    credentials: sharedSecret({ username: 'bot', secret: PASSWORD }),
  });
  await auth.start();
  homeserver.revokeSession('@bot:localhost');
  expect((await auth.fetch(`${proxy.url}${WHOAMI}`)).status).toBe(200);
  expect(homeserver.logins).toBe(2);
  expect(homeserver.devices('@bot:localhost')).toHaveLength(1);
});

it('a function that gets login tokens is asked for another one at each login', async () => {
  const tokens: string[] = [];
  const { auth, homeserver, proxy } = await makeAuth({
    credentials: loginToken({
      token: () => {
        tokens.push(homeserver.issueLoginToken('@bot:localhost'));
        return tokens.at(-1) as string;
      },
    }),
  });
  await auth.start();
  homeserver.revokeSession('@bot:localhost');
  expect((await auth.fetch(`${proxy.url}${WHOAMI}`)).status).toBe(200);
  expect(homeserver.logins).toBe(2);
  expect(tokens).toHaveLength(2);
  expect(homeserver.devices('@bot:localhost')).toHaveLength(1);
});

it('a way that is refused is left for the next one', async () => {
  const { auth, log } = await makeAuth({
    credentials: [
      wrong(),
      accessToken({ token: 'canary-at-dead01' }),
      sharedSecret({ username: 'bot', secret: PASSWORD }),
    ],
  });
  await auth.start();
  expect(auth.snapshot().state).toBe('valid');
  expect(log).toEqual([expect.stringContaining('"password"'), expect.stringContaining('"token"')]);
});

it('where all are refused, the advice has the words of each', async () => {
  const { auth } = await makeAuth({
    credentials: [wrong(), sharedSecret({ username: 'bot', secret: 'canary-pw-wrong02' })],
  });
  const error = await auth.start().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ reason: 'login-refused' });
  expect((error as { advice: string }).advice).toMatch(/MATRIX_PASSWORD.*shared secret/);
});

it('a way with a person comes after a refused one without', async () => {
  const person = approval(sharedSecret({ username: 'bot', secret: PASSWORD }));
  const { auth, reaches } = await makeAuth({ credentials: [wrong(), person.way] });
  const asked: unknown[] = [];
  auth.on('authorization', ({ link, code }) => asked.push([link, code]));
  const started = auth.start();
  await reaches('refreshing.required.authorizing');
  person.approve();
  await started;
  expect(asked).toEqual([['https://example.org/link', 'ABCD']]);
});

it('a refused way with a person is left for one without', async () => {
  const person = approval(sharedSecret({ username: 'bot', secret: 'canary-pw-wrong03' }));
  const { auth } = await makeAuth({
    credentials: [person.way, password({ username: 'bot', password: PASSWORD })],
  });
  person.approve();
  await auth.start();
  expect(auth.snapshot().state).toBe('valid');
});

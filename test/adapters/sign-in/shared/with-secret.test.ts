import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { meaningOf, password, Secret, type SecretSource } from '../../../../src/index.ts';
import { rejectionText } from '../../../../src/machines/auth/index.ts';
import { startTestHomeserver } from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';
import { CANARY } from '../describe-sign-in.ts';

async function started() {
  const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: CANARY }] });
  onTestFinished(() => homeserver.stop());
  const signIn = (source: SecretSource) =>
    password({ username: 'bot', password: source }).begin(contextFor(homeserver.url));
  const refusal = async (source: SecretSource) => {
    const answer = await signIn(source);
    if (answer.ok) throw new Error('It was signed in.');
    return answer.rejection;
  };
  return { homeserver, signIn, refusal };
}

async function secretFile(content: string | Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-secret-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'secret');
  await writeFile(file, content);
  return file;
}

it.each<[string, SecretSource]>([
  ['a string', CANARY],
  ['a Secret', new Secret(CANARY)],
  ['a function that gives a string', () => CANARY],
  ['a function that gives a Secret, later', async () => new Secret(CANARY)],
])('%s', async (_, source) => {
  const { signIn } = await started();
  expect(await signIn(source)).toMatchObject({ ok: true });
});

it('a file, with the line end and the byte order mark that editors leave', async () => {
  const { signIn } = await started();
  expect(await signIn({ file: await secretFile(`\ufeff${CANARY}\r\n`) })).toMatchObject({ ok: true });
});

it('a file whose secret was changed is read again, and the new one is tried at once', async () => {
  const { signIn, homeserver } = await started();
  const file = await secretFile('an old password');
  let reads = 0;
  // The file changes between the two looks at it.
  const answer = await signIn(({ refused }) => {
    reads += 1;
    return refused ? CANARY : 'an old password';
  });
  expect(answer).toMatchObject({ ok: true });
  expect(reads).toBe(2);
  const refused = await signIn({ file });
  expect(refused.ok).toBe(false);
  await writeFile(file, CANARY);
  expect(await signIn({ file })).toMatchObject({ ok: true });
  expect(homeserver.logins).toBe(2);
});

it('one that is refused and stays the same is sent once', async () => {
  const { homeserver, refusal } = await started();
  expect(meaningOf(await refusal(() => 'wrong'))).toBe('login-refused');
  expect(meaningOf(await refusal('wrong'))).toBe('login-refused');
  expect(homeserver.requests).toHaveLength(2);
});

it('a secret manager that is away after a refusal changes nothing about the refusal', async () => {
  const { refusal } = await started();
  const rejection = await refusal(({ refused }) => {
    if (refused) throw new Error('away');
    return 'wrong';
  });
  expect(meaningOf(rejection)).toBe('login-refused');
});

it.each<[string, SecretSource, RegExp]>([
  ['a file that is missing', { file: '/nowhere/at/all' }, /the file that holds the password does not exist/],
  ['a file that is empty', { file: '/dev/null' }, /the file that holds the password is empty/],
  [
    'a function that throws',
    () => {
      throw Object.assign(new TypeError(CANARY), { code: 'ECONNREFUSED' });
    },
    /the function that holds the password threw TypeError ECONNREFUSED/,
  ],
  ['a function that rejects with a string', () => Promise.reject(CANARY), /threw something that is no error/],
  ['a function that gives nothing', () => '', /gave none/],
  ['a function that gives what is no secret', (() => 7) as unknown as SecretSource, /gave none/],
])('%s is trouble that may pass, and nothing is sent', async (_, source, words) => {
  const { homeserver, refusal } = await started();
  const rejection = await refusal(source);
  expect(meaningOf(rejection)).toBe('transient');
  expect(rejectionText(rejection)).toMatch(words);
  expect(rejection.detail?.code).toBe('secret-unavailable');
  expect(JSON.stringify(rejection)).not.toContain(CANARY);
  expect(homeserver.requests).toEqual([]);
});

it('a function may be asked for as long as somebody waits', async () => {
  const { homeserver } = await started();
  const ended = new AbortController();
  const asked = Promise.withResolvers<AbortSignal>();
  const answer = password({
    username: 'bot',
    password: ({ signal }) => {
      asked.resolve(signal);
      return new Promise(() => {});
    },
  }).begin(contextFor(homeserver.url, { signal: ended.signal }));
  const signal = await asked.promise;
  ended.abort();
  expect(await answer).toMatchObject({ ok: false });
  expect(signal.aborted).toBe(true);
});

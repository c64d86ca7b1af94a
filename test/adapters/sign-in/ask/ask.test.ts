import { expect, it } from 'vitest';
import { ask, meaningOf, password, type Question } from '../../../../src/index.ts';
import { startTestHomeserver } from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';
import { CANARY, describeSignIn } from '../describe-sign-in.ts';

const users = [{ localpart: 'bot', password: CANARY }];
const typed = (secret: string) => password({ username: 'bot', password: secret });

describeSignIn('asking a person', {
  right: (_, canary) => ask(() => typed(canary)),
  wrong: (canary) => ask(() => typed(`${canary}-not`)),
});

it('says that it waits, and asks again with the reason where a person was mistaken', async () => {
  await using homeserver = await startTestHomeserver({ users });
  const questions: Question[] = [];
  const way = ask(async (question) => {
    questions.push(question);
    return typed(questions.length === 1 ? 'a slip' : CANARY);
  });
  const context = contextFor(homeserver.url);
  expect(await way.begin(context)).toMatchObject({ ok: true });
  expect(context.asked).toEqual([{ message: expect.stringContaining('waits for an answer') }]);
  expect(questions.map(({ refused }) => refused)).toEqual([
    undefined,
    expect.stringContaining('refused the user name and password'),
  ]);
  expect(questions[0]?.homeserver).toBe(homeserver.url);
});

it('three mistakes are enough: the homeserver limits logins', async () => {
  await using homeserver = await startTestHomeserver({ users });
  const way = ask(() => typed('a slip'));
  const answer = await way.begin(contextFor(homeserver.url));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(homeserver.requests).toHaveLength(3);
  expect(way.advice.refused).toContain('refused the user name and password');
});

it('nobody answers: refused, in words of its own, and nothing was sent', async () => {
  await using homeserver = await startTestHomeserver({ users });
  const way = ask(() => undefined);
  const answer = await way.begin(contextFor(homeserver.url));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(way.advice.refused).toContain('Nobody answered');
  expect(homeserver.requests).toEqual([]);
});

it('a function that throws is trouble, and its message is not repeated', async () => {
  await using homeserver = await startTestHomeserver({ users });
  const way = ask(() => {
    throw new Error(CANARY);
  });
  const answer = await way.begin(contextFor(homeserver.url));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('transient');
  expect(JSON.stringify(answer)).toContain('secret-unavailable');
  expect(JSON.stringify(answer)).not.toContain(CANARY);
});

it('its signal ends the wait for a person', async () => {
  await using homeserver = await startTestHomeserver({ users });
  const ended = new AbortController();
  let seen: AbortSignal | undefined;
  const asked = Promise.withResolvers<void>();
  const way = ask(({ signal }) => {
    seen = signal;
    asked.resolve();
    return new Promise(() => {});
  });
  const answer = way.begin(contextFor(homeserver.url, { signal: ended.signal }));
  await asked.promise;
  ended.abort();
  expect(await answer).toMatchObject({ ok: false });
  expect(seen?.aborted).toBe(true);
});

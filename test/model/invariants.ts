import { expect } from 'vitest';
import type { HeldBot } from './held-bot.ts';
import { DEVICE } from './stage.ts';

/** No token and no password is in what was printed so far. */
export async function checkSecrets(bot: HeldBot, at: string): Promise<void> {
  bot.secrets.add(bot.account.password);
  bot.secrets.add(await bot.accessToken());
  bot.secrets.add(await bot.refreshToken());
  bot.secrets.delete('');
  const printed = [...bot.printed, JSON.stringify(bot.auth)].join('\n');
  expect(
    [...bot.secrets].filter((secret) => printed.includes(secret)).length,
    `${at}: secrets in snapshots and logs`,
  ).toBe(0);
}

/** What holds in the end. */
export async function checkAtEnd(bot: HeldBot, said: number, { killed = false } = {}): Promise<void> {
  const { stage, account, snapshot, handled } = bot;
  const renewals = stage.proxy.requests.filter(({ path }) => /\/(refresh|login)$/.test(path));
  const overlapping = renewals.filter(({ at }, index) => (renewals[index - 1]?.finishedAt ?? at) > at);
  expect(overlapping, 'one renewal at a time').toEqual([]);
  if (!snapshot.matches('valid')) return;

  bot.turnstile.openForGood();
  expect(new Set(await Promise.all(bot.asked)), 'what was asked is answered').toEqual(
    new Set(bot.asked.length === 0 ? [] : [200]),
  );
  expect(new Set(await Promise.all(bot.askedInVain)), 'a wrong refusal is passed on').toEqual(
    new Set(bot.askedInVain.length === 0 ? [] : [401]),
  );
  const { status } = await bot.auth.fetch(`${stage.proxy.url}/_matrix/client/v3/joined_rooms`);
  expect(status, 'a request in the end').toBe(200);
  expect(await stage.homeserver.devices(account.userId), 'one device').toEqual([DEVICE]);
  if (bot.client.client === undefined) return;
  await stage.alice.say(account.roomId, 'the end');
  await bot.until(
    () => `The last message was not handled, only: ${handled.join(', ') || 'none'}.`,
    () => handled.includes('the end'),
  );
  const all = Array.from({ length: said }, (_, index) => `message ${index + 1}`);
  // Who is killed between a message and the storing of its position is told it again.
  expect(killed ? [...new Set(handled)] : handled, 'messages').toEqual([...all, 'the end']);
}

import { inspect } from 'node:util';
import type { InspectionEvent } from 'xstate';
import { expect, it } from 'vitest';
import { credentials, memorySessions } from '../../src/index.ts';
import { canaryPassword, describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';

describeOnBoth('no secret in any output', { accessTokenLifetimeMs: 1_000 }, ({ homeserver, proxy }) => {
  /** Everything of a value that somebody could print. */
  const printed = (value: unknown): string =>
    [
      inspect(value, { depth: 6, getters: true, maxStringLength: null }),
      String(value),
      json(value),
      value instanceof Error ? `${value.stack} ${printed(value.cause)}` : '',
    ].join('\n');

  it('in events, snapshots, errors and public objects, through refresh, refusal, login, failure and recovery', async () => {
    const user = await freshUser(homeserver());
    const wrong = canaryPassword();
    const seen: string[] = [];
    const see = (value: unknown) => seen.push(printed(value));
    const tokens = new Set<string>();
    const given = credentials({ username: user.localpart, password: user.password });
    const sessions = memorySessions();
    const bot = makeBot({
      homeserver: proxy().url,
      credentials: given,
      sessions,
      loginBudget: { burst: 20 },
      inspect: (event: InspectionEvent) => {
        if ('event' in event) see(event.event);
        if ('snapshot' in event) seen.push(json(event.snapshot));
      },
    });
    const { auth } = bot;
    for (const type of ['state', 'refreshed', 'logged-in', 'adopted', 'warning', 'failed'] as const)
      auth.on(type, see);
    const look = async () => {
      tokens.add(await auth.accessToken());
      for (const value of [
        auth,
        auth.snapshot(),
        auth.actor.getSnapshot(),
        auth.actor.getPersistedSnapshot(),
        given,
      ])
        see(value);
      see(await sessions.read('default', 'session'));
    };

    await auth.start();
    await look();
    await bot.reaches('refreshing', bot.states.length);
    await bot.reaches('valid');
    await look();
    const refusal = { kind: 'answer', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } } as const;
    proxy().inject({ match: { path: '/refresh' }, times: 2, fault: refusal });
    await bot.reaches('refreshing.ahead.loggingIn', bot.states.length);
    await bot.reaches('valid');
    await look();
    auth.provideCredentials({ username: user.localpart, password: wrong });
    await homeserver().setPassword(user.userId, user.password);
    await bot.reaches('failed');
    see(await auth.fetch(`${proxy().url}/_matrix/client/v3/joined_rooms`).catch((error: unknown) => error));
    see(await auth.start().catch((error: unknown) => error));
    auth.provideCredentials({ username: user.localpart, password: user.password });
    await bot.reaches('valid');
    await look();
    see(bot.log);
    see(bot.states);

    const output = seen.join('\n');
    expect(output.length).toBeGreaterThan(10_000);
    for (const secret of [...tokens, user.password, wrong]) expect(output.includes(secret)).toBe(false);
    expect(/\bsy[tr]_[A-Za-z0-9_]{8,}/.exec(output)?.[0].slice(0, 3)).toBeUndefined();
    expect(tokens.size).toBeGreaterThanOrEqual(4);
  });
});

function json(value: unknown): string {
  const seen = new WeakSet();
  return (
    JSON.stringify(value, (_, inner: unknown) => {
      if (typeof inner !== 'object' || inner === null) return inner;
      if (seen.has(inner)) return undefined;
      seen.add(inner);
      return inner;
    }) ?? ''
  );
}

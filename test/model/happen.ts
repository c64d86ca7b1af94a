import { expect } from 'vitest';
import { canSignIn, happenings } from './happenings.ts';
import type { HeldBot } from './held-bot.ts';
import { checkSecrets } from './invariants.ts';

const SLOW_MS = 1_000;

/** What is to happen to a bot. */
export interface Event {
  /** The name of its case. */
  readonly name: string;
  /** The event as a diagram shows it, and as XState names it. */
  readonly on: string;
  readonly type: string;
  /** The state value that it leads to, as text. Default: any, and the event may be another, as what was begun before may come late; after a refusal another than before. */
  readonly expected?: string;
  /** Where in which story. */
  readonly at: string;
}

/** Lets it happen, waits until the machine has met it, and checks what holds after each step. */
export async function happen(bot: HeldBot, { name, on, type, expected, at }: Event): Promise<void> {
  const { events, values, http } = bot;
  const [eventsBefore, valuesBefore, sentBefore] = [events.length, values.length, http.sent.length];
  const [dead, proven] = [new Set(bot.knownDead), new Set(http.provenDead)];
  const happening = happenings[name];
  if (happening === undefined)
    throw new Error(`Nobody knows how to bring about "${name}": add it to happenings.ts.`);
  const asks = happening.asks === undefined ? [] : [happening.asks];
  // A refused refresh token is not the end where the one that was spent for it may still be good.
  const spares = name === 'refresh refused' && (await bot.hasSpare()) ? 2 : 1;
  // What would be the end is asked for once more.
  const again =
    !canSignIn(bot) && /^(refresh refused|token (refused by whoami|found dead))$/.test(name) ? 2 : 1;
  await happening.done(bot, type);
  if (happening.released) bot.turnstile.open();
  // What is begun now may wait for a slow answer to what was begun before; that may be what moves it then.
  let late = false;
  const slow = setTimeout(() => {
    if (expected !== undefined) return;
    late = true;
    bot.turnstile.letSlowGo();
  }, SLOW_MS);
  const met = () => events.slice(eventsBefore).includes(type);
  const moved = () => values.length > valuesBefore;
  await bot
    .until(
      () =>
        `${at}: expected ${expected ?? 'a change'} by ${type}; it went through ${values.slice(valuesBefore).join(', ') || 'nothing'} from ${values[valuesBefore - 1]} and met ${events.slice(eventsBefore).join(', ') || 'no event'}.`,
      () => {
        if (expected !== undefined) return met() && values.at(-1) === expected;
        return /^(token rejected|account locked)$/.test(name) ? met() && moved() : met() || (late && moved());
      },
    )
    .finally(() => clearTimeout(slow));
  const sent = http.sent.slice(sentBefore);
  const asked = sent.filter(({ path }) => /^\/(login|refresh|account\/whoami)$/.test(path));
  // A renewal that was begun before, and comes late, asks for itself.
  const others = late ? /^(login|refresh)$/ : /^$/;
  const own = asked.map(({ path }) => path.slice(1)).filter((path) => !others.test(path));
  for (let times = spares * again; times > 1 && own[1] === own[0]; times -= 1) own.shift();
  expect(own, `${at}: what it asked`).toEqual(asks.filter((path) => !others.test(path)));
  for (const known of [dead, bot.knownDead]) for (const token of http.takenByWhoami) known.delete(token);
  // A locked account is asked with whatever token there is; and one refusal is no proof before `whoami` refuses, too.
  const withDead = on.startsWith('probe ')
    ? []
    : sent.filter(({ path, token }) => {
        return token !== undefined && (path === '/account/whoami' ? proven : dead).has(token);
      });
  expect(
    withDead.map(({ path }) => path),
    `${at}: requests with a token known dead`,
  ).toEqual([]);
  for (const token of http.refused) bot.knownDead.add(token);
  await checkSecrets(bot, at);
}

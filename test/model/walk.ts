import { expect } from 'vitest';
import { credentials, type Credentials } from '../../src/index.ts';
import type { authMachine } from '../../src/machines/index.ts';
import type { MachinePath } from '../../src/statechart/paths/types.ts';
import { happen } from './happen.ts';
import { happenings, notDrivable } from './happenings.ts';
import { HeldBot } from './held-bot.ts';
import { checkAtEnd } from './invariants.ts';
import { type Account, DEVICE, makeAccount, type Stage } from './stage.ts';

type Path = MachinePath<typeof authMachine>;

const namesOf = ({ steps }: Path) => steps.map(({ name }) => name);

/** Whether Synapse shows all of it by itself: no answer and no failure of a store is played to the session. */
export const shownBySynapse = (path: Path) =>
  namesOf(path).every((name) => happenings[name]?.staged !== true);

/** Why the whole module cannot be led along this path; `undefined` where it can. */
export function whyNot(path: Path): string | undefined {
  const names = namesOf(path);
  const name = names.find((each) => each in notDrivable);
  if (name !== undefined) return `${name}: ${notDrivable[name]}`;
  if (names[1] === 'client died') return 'client died: there is no client yet';
  if (
    path.steps.some(({ name: given }, index) => given === 'credentials provided' && logsIn(path, index - 1))
  ) {
    return 'credentials provided: the login that is under way comes to its end first';
  }
  return undefined;
}

const logsIn = ({ steps }: Path, index: number) =>
  JSON.stringify(steps[index]?.state.value).includes('loggingIn');

/** Whether the token that is refused here is taken by `whoami` later, before there is another one. */
function isTakenLater(names: readonly string[], index: number): boolean {
  const decisive = names.slice(index + 1).find((name) => {
    const { asks, released } = happenings[name] ?? {};
    return released === true && (asks === 'account/whoami' || /accepted$|^another process/.test(name));
  });
  return /^(identified|unlocked|token found alive)$/.test(decisive ?? '');
}

/** Leads the whole module along a path; gives the ids of the edges that its machine took. */
export async function walk(path: Path, stage: Stage): Promise<ReadonlySet<string>> {
  const names = namesOf(path);
  const has = (part: RegExp) => names.some((name) => part.test(name));
  const account = await makeAccount(stage, !has(/^token (alone|and password) given$/));
  const refusals = names.filter((name) => name === 'token rejected').length;
  const bot = new HeldBot({
    stage,
    account,
    credentials: credentialsFor(names, account),
    // The token that is refused a second time is not to have been proven in between.
    withoutClient: /connected, token rejected, (breaker|token found dead)/.test(names.join(', ')),
    homeserverIsLate: has(/^unlocked$/),
    knowsDevice: !has(/^(whoami threw|probe threw|identity not storable)$/),
  });
  bot.givesUp = refusals > 1;
  let said = 0;
  try {
    for (const [index, step] of path.steps.entries()) {
      bot.fooled = step.name === 'token rejected' && isTakenLater(names, index);
      await take(step, bot, path.name);
      if (step.name === 'connected' && bot.client.client !== undefined) {
        said += 1;
        await stage.alice.say(account.roomId, `message ${said}`);
      }
    }
    await checkAtEnd(bot, said);
    return bot.edges;
  } finally {
    await bot.stop();
    stage.proxy.clear();
  }
}

async function take(step: Path['steps'][number], bot: HeldBot, path: string): Promise<void> {
  const at = `${path}: after "${step.name}"`;
  const expected = JSON.stringify(step.state.value);
  const before = bot.values.length;
  if (step.name === 'start') {
    bot.turnstile.next({ closed: true });
    bot.auth.start().catch(() => undefined);
    await bot.until(
      () => `${at}: it is in ${bot.values.at(-1)}.`,
      () => bot.values.at(-1) === expected,
    );
  } else await happen(bot, { name: step.name, on: step.on, type: step.event.type, expected, at });
  const onTheWay = bot.values.slice(before).filter((value) => value !== expected);
  expect(onTheWay, `${at}: on the way`).toEqual([]);
  if (step.edges.every((edge) => edge.endsWith(' ignored'))) {
    for (const edge of step.edges) bot.edges.add(edge);
  }
  const { tags, context } = step.state;
  expect([...bot.snapshot.tags].toSorted(), `${at}: tags`).toEqual([...tags].toSorted());
  expect(bot.snapshot.context.failureReason, `${at}: the reason`).toBe(context.failureReason);
}

function credentialsFor(names: readonly string[], account: Account): Credentials {
  const { localpart: username, password, tokens } = account;
  const accessToken = tokens.access_token;
  const deviceId = DEVICE;
  if (names.includes('nothing given')) return {};
  if (names.includes('token and password given')) return credentials({ accessToken, username, password });
  if (names.some((name) => /^token alone given$|without password$/.test(name)))
    return credentials({ accessToken });
  return credentials({ username, password, deviceId });
}

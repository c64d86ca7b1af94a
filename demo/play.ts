import { randomBytes } from 'node:crypto';
import { type Credentials, credentials } from '../src/index.ts';
import { createEchoBot } from './echo-bot.ts';
import { endingOf } from './ending.ts';
import { type OwnHomeserver, ownSynapse, ownTestHomeserver } from './homeservers.ts';
import { narrate, remark } from './narration.ts';
import type { DemoOptions } from './options.ts';
import type { Stage } from './stage.ts';
import { block, interimHeading, messagesRow, outcomeHeading, tokensRow } from './summary.ts';
import { createTalker } from './talker.ts';
import { ANSWERED_WITHIN_MS, Tally } from './tally.ts';
import { Tokens } from './tokens.ts';
import { counted, duration } from './words.ts';

const TALK_EVERY_MS = 300;
const SUMMARY_EVERY = 3;
/** How long answers are waited for after Ctrl-C: somebody waits for the prompt. */
const INTERRUPTED_WAIT_MS = 1_000;

/**
 * The bot and alice, on a homeserver of their own, until `cycles` tokens of the bot have expired or somebody interrupts.
 * Resolves with whether it went well: no session failed, and no message was lost or answered twice.
 */
export async function play(options: DemoOptions, stage: Stage): Promise<boolean> {
  const { lifetimeMs, synapse } = options;
  const { print } = stage;
  const homeserver = await (synapse ? ownSynapse(lifetimeMs, print) : ownTestHomeserver(lifetimeMs));
  try {
    print(programme(homeserver, options));
    return await perform(homeserver, options, stage);
  } finally {
    await homeserver.stop();
  }
}

function programme({ label, url }: OwnHomeserver, { lifetimeMs, cycles }: DemoOptions): string {
  return block('A bot that stays signed in', [
    ['homeserver', `${label}, ${url}`],
    ['tokens', `each expires ${duration(lifetimeMs)} after it was issued`],
    ['talk', `alice says something every ${duration(TALK_EVERY_MS)}, and the bot answers`],
    [
      'end',
      cycles === undefined ? 'Ctrl-C' : `after ${counted(cycles, 'token lifetime')} of the bot, or Ctrl-C`,
    ],
  ]);
}

async function perform(
  homeserver: OwnHomeserver,
  { cycles }: DemoOptions,
  { print, show, interrupted }: Stage,
): Promise<boolean> {
  const tally = new Tally();
  const bot = createEchoBot({
    homeserver: homeserver.url,
    credentials: await account(homeserver, 'bot'),
    onHeard: ({ text }) => tally.heard(text),
    onFailed: (error) => print(remark('bot', `could not answer: ${String(error)}`)),
  });
  const alice = createTalker({
    homeserver: homeserver.url,
    credentials: await account(homeserver, 'alice'),
    tally,
    onFailed: (error) => print(remark('alice', `could not send: ${String(error)}`)),
  });
  const sessions = [bot, alice.auth];
  const ending = endingOf(interrupted, sessions);
  for (const [name, session] of [
    ['bot', bot],
    ['alice', alice.auth],
  ] as const) {
    narrate(name, session, print);
    show(name, session);
  }
  const aliceTokens = new Tokens(alice.auth);
  const botTokens: Tokens = new Tokens(bot, () => {
    if (botTokens.expired === cycles) {
      // The last word comes after the last expiry.
      alice.say();
      ending.complete();
    } else if (botTokens.expired % SUMMARY_EVERY === 0) print(block(interimHeading(botTokens), rows()));
  });
  const rows = () => [
    messagesRow(tally.counts()),
    tokensRow('bot', botTokens),
    tokensRow('alice', aliceTokens),
  ];

  try {
    const performance = async () => {
      await Promise.all([bot.start(), alice.auth.start()]);
      await alice.talkTo(bot.snapshot().userId ?? '', TALK_EVERY_MS);
      await ending.reached;
    };
    await Promise.race([performance(), ending.reached]);
  } finally {
    alice.hush();
    botTokens.stop();
    aliceTokens.stop();
    await tally.settled(interrupted.aborted ? INTERRUPTED_WAIT_MS : ANSWERED_WITHIN_MS);
  }
  const { lost, twice } = tally.counts();
  const ok = lost === 0 && twice === 0 && sessions.every((session) => session.snapshot().state !== 'failed');
  await Promise.all(sessions.map((session) => session.stop()));
  print(block(outcomeHeading(ok, botTokens), rows()));
  return ok;
}

async function account(homeserver: OwnHomeserver, username: string): Promise<Credentials> {
  const password = randomBytes(16).toString('hex');
  await homeserver.createUser(username, password);
  return credentials({ username, password });
}

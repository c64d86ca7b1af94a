import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { credentials } from '../src/index.ts';
import { type FaultProxy, startFaultProxy } from '../src/testing/index.ts';
import { BotProcess } from './bot-process.ts';
import { breakagesOf } from './breakages.ts';
import { cryptoIn } from './encryption.ts';
import { endingOf } from './ending.ts';
import { type OwnHomeserver, ownSynapse, ownTestHomeserver } from './homeservers.ts';
import { hasTerminal, helpLine, type Key, listenToKeys, pageWatched } from './keys.ts';
import { act, narrate, remark } from './narration.ts';
import type { DemoOptions } from './options.ts';
import type { Stage } from './stage.ts';
import { block, interimHeading, messagesRow, outcomeHeading, tokensRow } from './summary.ts';
import { createTalker } from './talker.ts';
import { ANSWERED_WITHIN_MS, Tally } from './tally.ts';
import { Tokens } from './tokens.ts';
import { TotalTraffic, trafficRow } from './traffic.ts';
import { counted, duration } from './words.ts';

const TALK_EVERY_MS = 300;
const SUMMARY_EVERY = 3;
/** How long answers are waited for after Ctrl-C: somebody waits for the prompt. */
const INTERRUPTED_WAIT_MS = 1_000;
/** How long answers are waited for after somebody has broken things: an SDK pauses after an outage. */
const BROKEN_WAIT_MS = 30_000;

/**
 * The bot and alice, on a homeserver of their own, until `cycles` tokens of the bot have expired or somebody interrupts.
 * In a terminal, keys break things meanwhile. Resolves with whether it went well: no session failed, and no message was
 * lost or answered twice.
 */
export async function play(options: DemoOptions, stage: Stage): Promise<boolean> {
  const { lifetimeMs, synapse } = options;
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-demo-'));
  const homeserver = await (synapse ? ownSynapse(lifetimeMs, stage.print) : ownTestHomeserver(lifetimeMs));
  const proxy = await startFaultProxy({ target: homeserver.url });
  try {
    return await perform({ homeserver, proxy, folder }, options, stage);
  } finally {
    await proxy.stop();
    await homeserver.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function programme({ label, url }: OwnHomeserver, { lifetimeMs, cycles, encrypted }: DemoOptions): string {
  const where = encrypted ? 'in an encrypted room ' : '';
  return block('A bot that stays signed in', [
    ['homeserver', `${label}, ${url}`],
    ['tokens', `each expires ${duration(lifetimeMs)} after it was issued`],
    ['talk', `${where}alice says something every ${duration(TALK_EVERY_MS)}, and the bot answers`],
    [
      'end',
      cycles === undefined ? 'Ctrl-C' : `after ${counted(cycles, 'token lifetime')} of the bot, or Ctrl-C`,
    ],
  ]);
}

interface Place {
  readonly homeserver: OwnHomeserver;
  /** What the bot is connected through. Alice is not. */
  readonly proxy: FaultProxy;
  readonly folder: string;
}

async function perform(
  { homeserver, proxy, folder }: Place,
  options: DemoOptions,
  { print, interrupted, interrupt }: Stage,
): Promise<boolean> {
  const { cycles, encrypted } = options;
  const tally = new Tally();
  const password = randomBytes(16).toString('hex');
  const botId = await homeserver.createUser('bot', password);
  const bot = new BotProcess({
    sdk: options.botSdk ? 'matrix-bot-sdk' : 'matrix-js-sdk',
    homeserver: proxy.url,
    username: 'bot',
    password,
    sessions: join(folder, 'bot.db'),
    crypto: encrypted ? join(folder, 'bot-crypto.db') : undefined,
    port: options.page ? (options.port ?? 0) : undefined,
  });
  await homeserver.createUser('alice', password);
  const alice = createTalker({
    homeserver: homeserver.url,
    credentials: credentials({ username: 'alice', password }),
    tally,
    ...(encrypted ? { crypto: await cryptoIn(join(folder, 'alice-crypto.db')) } : {}),
    onFailed: (error) => print(remark('alice', `could not send: ${String(error)}`)),
  });
  let failed = false;
  const ending = endingOf(interrupted);
  const fail = () => {
    failed = true;
    ending.complete();
  };
  bot.on('failed', fail);
  alice.auth.on('failed', fail);
  narrate('alice', alice.auth, print);

  const aliceTokens = new Tokens().of(alice.auth);
  const botTokens: Tokens = new Tokens(() => {
    if (botTokens.expired === cycles) {
      // The last word comes after the last expiry.
      alice.say();
      ending.complete();
    } else if (botTokens.expired % SUMMARY_EVERY === 0) print(block(interimHeading(botTokens), rows()));
  });
  const traffic = new TotalTraffic();
  const rows = () => [
    messagesRow(tally.counts()),
    trafficRow(traffic.total),
    tokensRow('bot', botTokens),
    tokensRow('alice', aliceTokens),
  ];
  bot.on('issued', ({ by, expiresAt }) => botTokens.issued(by, expiresAt));
  bot.on('heard', ({ text }) => tally.heard(text));
  bot.on('traffic', ({ pid, traffic: told }) => traffic.note(pid, told));
  bot.on('signed-in', () => tally.restarted());

  const breakages = breakagesOf({ homeserver, proxy, bot }, botId, (text) => act('you', text));
  const quit: Key = { key: 'q', label: 'quit', press: interrupt };
  const keys = [...breakages.keys, quit];
  let stopListening = () => {};
  let page: string | undefined;
  try {
    page = await bot.start();
    if (page !== undefined) print(`${styleText('bold', 'Live page')}  ${page}`);
    print(programme(homeserver, options));
    if (hasTerminal()) {
      print(`${helpLine(keys)}\n`);
      stopListening = listenToKeys(keys, print);
    }
    bot.go();
    const performance = async () => {
      await Promise.all([once(bot, 'signed-in'), alice.auth.start()]);
      await alice.talkTo(botId, TALK_EVERY_MS);
      await ending.reached;
    };
    await Promise.race([performance(), ending.reached]);
  } finally {
    alice.hush();
    botTokens.stop();
    aliceTokens.stop();
    await breakages.mend();
    const patienceMs = breakages.any ? BROKEN_WAIT_MS : ANSWERED_WITHIN_MS;
    await tally.settled(interrupted.aborted ? INTERRUPTED_WAIT_MS : patienceMs);
    await bot.tellTraffic();
  }
  const { lost, twice } = tally.counts();
  const ok = lost === 0 && twice === 0 && !failed;
  print(block(outcomeHeading(ok, botTokens), rows()));
  stopListening();
  if (page !== undefined) await pageWatched(interrupted, print);
  await Promise.all([bot.stop(), alice.auth.stop()]);
  return ok;
}

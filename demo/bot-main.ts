// The bot of the demonstration, in a process of its own, so that it can be killed.
import { once } from 'node:events';
import { AuthFailedError, AuthStoppedError, credentials } from '../src/index.ts';
import { sqliteSessions } from '../src/adapters/sessions/sqlite/index.ts';
import { type BotMessage, type BotSettings, TELL_TRAFFIC } from './bot-messages.ts';
import { createEchoBot } from './echo-bot.ts';
import { cryptoIn } from './encryption.ts';
import { narrate, remark } from './narration.ts';
import { trafficOf } from './traffic.ts';
import { openPage, PortTakenError } from './page.ts';

const TRAFFIC_EVERY_MS = 250;
const SENT_WITHIN_MS = 1_000;

const print = (text: string) => {
  process.stdout.write(`${text}\n`);
};
const tell = (message: BotMessage) => {
  // While it stops, it may be disconnected already, or the demonstration is gone.
  if (process.connected) process.send?.(message, () => {});
};

// Ctrl-C reaches the whole process group. The demonstration decides what comes of it.
process.on('SIGINT', () => {});
const [settings] = (await once(process, 'message')) as [BotSettings];
const { homeserver, username, password, sdk, sessions, crypto, port } = settings;
const bot = await createEchoBot({
  homeserver,
  sdk,
  credentials: credentials({ username, password }),
  sessions: sqliteSessions(sessions),
  ...(crypto === undefined ? {} : { crypto: await cryptoIn(crypto) }),
  onHeard: ({ text }) => tell({ type: 'heard', text }),
  onFailed: (error) => print(remark('bot', `could not answer: ${String(error)}`)),
});
for (const [type, by] of [
  ['refreshed', 'refresh'],
  ['logged-in', 'login'],
] as const) {
  bot.on(type, ({ session: { expiresAt } }) => {
    tell({ type: 'issued', by, ...(expiresAt === undefined ? {} : { expiresAt }) });
  });
}
narrate('bot', bot, print);
const tellTraffic = () => tell({ type: 'traffic', pid: process.pid, traffic: trafficOf(bot) });
setInterval(tellTraffic, TRAFFIC_EVERY_MS).unref();
process.on('message', (message) => {
  if (message !== TELL_TRAFFIC) return;
  const until = Date.now() + SENT_WITHIN_MS;
  const look = () => {
    if (bot.outgoing.length > 0 && Date.now() < until) return void setTimeout(look, 10);
    tellTraffic();
    tell({ type: 'traffic-told' });
  };
  look();
});
bot.on('failed', () => tell({ type: 'failed' }));

// The demonstration disconnects when it is over, and is disconnected when it dies.
process.once('disconnect', () => void bot.stop().finally(() => process.exit()));
try {
  const page = port === undefined ? undefined : await openPage('bot', bot, port);
  tell({ type: 'ready', page: page?.url });
  await once(process, 'message'); // GO
  await bot.start();
  tell({ type: 'signed-in', userId: bot.snapshot().userId ?? '' });
} catch (error) {
  if (error instanceof PortTakenError) tell({ type: 'no-page', code: error.code });
  // A failure was told when it happened.
  else if (!(error instanceof AuthFailedError) && !(error instanceof AuthStoppedError)) throw error;
}

import { styleText } from 'node:util';
import { credentialsFromEnv, type MatrixAuth } from '../src/index.ts';
import type { AuthPage } from '../src/page/index.ts';
import { createEchoBot } from './echo-bot.ts';
import { endingOf } from './ending.ts';
import { pageWatched } from './keys.ts';
import { narrate, remark } from './narration.ts';
import { type DemoOptions, portTaken, UsageError } from './options.ts';
import { openPage, PortTakenError } from './page.ts';
import type { Stage } from './stage.ts';
import { block, interimHeading, outcomeHeading, type Row, tokensRow } from './summary.ts';
import { Tokens } from './tokens.ts';
import { trafficOf, trafficRow } from './traffic.ts';
import { counted } from './words.ts';

const SUMMARY_EVERY = 3;

/**
 * The bot alone, on a homeserver that others use too, with the credentials of the environment. Resolves with whether it
 * went well: the session did not fail, no answer was refused, and no message was handled twice.
 * @throws {CredentialsError} {@link HomeserverAddressError} {@link AuthFailedError}
 */
export async function visit(
  homeserver: string,
  { cycles, botSdk, page, port = 0 }: DemoOptions,
  { print, interrupted }: Stage,
): Promise<boolean> {
  const heard = new Map<string, number>();
  let answered = 0;
  let failed = 0;
  const bot = await createEchoBot({
    homeserver,
    sdk: botSdk ? 'matrix-bot-sdk' : 'matrix-js-sdk',
    credentials: credentialsFromEnv(),
    onHeard: ({ eventId }) => heard.set(eventId, (heard.get(eventId) ?? 0) + 1),
    onAnswered: () => {
      answered += 1;
    },
    onFailed: (error) => {
      failed += 1;
      print(remark('bot', `could not answer: ${String(error)}`));
    },
  });
  const livePage = page ? await pageOf(bot, port) : undefined;
  if (livePage !== undefined) print(`${styleText('bold', 'Live page')}  ${livePage.url}`);
  print(
    block('A bot that stays signed in', [
      ['homeserver', homeserver],
      ['talk', 'invite the bot to a room and say something: it answers with the same'],
      [
        'end',
        cycles === undefined ? 'Ctrl-C' : `after ${counted(cycles, 'token lifetime')} of the bot, or Ctrl-C`,
      ],
    ]),
  );

  const ending = endingOf(interrupted);
  bot.on('failed', () => ending.complete());
  narrate('bot', bot, print);
  const tokens: Tokens = new Tokens(() => {
    if (tokens.expired === cycles) ending.complete();
    else if (tokens.expired % SUMMARY_EVERY === 0) print(block(interimHeading(tokens), rows()));
  });
  tokens.of(bot);
  const twice = () => [...heard.values()].filter((times) => times > 1).length;
  const rows = (): Row[] => [
    [
      'messages',
      `${heard.size} heard, ${answered} answered, ${failed} answers failed, ${twice()} heard twice`,
    ],
    trafficRow(trafficOf(bot)),
    tokensRow('bot', tokens),
  ];

  try {
    await Promise.race([bot.start().then(() => ending.reached), ending.reached]);
  } catch (error) {
    await livePage?.close();
    throw error;
  } finally {
    tokens.stop();
  }
  const ok = failed === 0 && twice() === 0 && bot.snapshot().state !== 'failed';
  print(block(outcomeHeading(ok, tokens), rows()));
  if (livePage !== undefined) await pageWatched(interrupted, print);
  await bot.stop();
  await livePage?.close();
  return ok;
}

/** @throws {UsageError} if the port cannot be had */
async function pageOf(bot: MatrixAuth<unknown>, port: number): Promise<AuthPage> {
  try {
    return await openPage('bot', bot, port);
  } catch (error) {
    if (!(error instanceof PortTakenError)) throw error;
    throw new UsageError(portTaken(port, error.code), { cause: error });
  }
}

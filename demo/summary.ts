import { styleText } from 'node:util';
import type { Counts } from './tally.ts';
import type { Tokens } from './tokens.ts';
import { counted, duration } from './words.ts';

/** Name and value, aligned with its neighbours. */
export type Row = readonly [name: string, value: string];

const NAME_WIDTH = 12;

/** A heading, and rows below it. */
export function block(heading: string, rows: readonly Row[]): string {
  const lines = rows.map(([name, value]) => `  ${styleText('dim', name.padEnd(NAME_WIDTH))}${value}`);
  return ['', styleText('bold', heading), ...lines, ''].join('\n');
}

/** `Survived: 3 token lifetimes, in 12.4 s` */
export function outcomeHeading(ok: boolean, bot: Tokens): string {
  const outcome = !ok ? 'Not survived' : bot.expired === 0 ? 'Ended early' : 'Survived';
  return styleText(ok ? 'green' : 'red', `${outcome}: ${lifetimes(bot)}`);
}

export function interimHeading(bot: Tokens): string {
  return `So far: ${lifetimes(bot)}`;
}

export function messagesRow({ sent, answered, waiting, lost, twice }: Counts): Row {
  const onTheWay = waiting === 0 ? '' : `, ${waiting} on the way`;
  return ['messages', `${sent} sent, ${answered} answered${onTheWay}, ${lost} lost, ${twice} answered twice`];
}

export function tokensRow(name: string, { refreshes, logins }: Tokens): Row {
  return [name, `${counted(refreshes, 'refresh')}, ${counted(logins, 'login')}`];
}

function lifetimes({ expired, startedAt }: Tokens): string {
  return `${counted(expired, 'token lifetime')}, in ${duration(Date.now() - startedAt)}`;
}

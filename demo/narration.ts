import { styleText } from 'node:util';
import type { AuthSnapshot, AuthState, MatrixAuth } from '../src/index.ts';
import { clockTime, duration, ordinal } from './words.ts';

type Print = (line: string) => void;
type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<AuthState, Style>> = {
  restoring: 'cyan',
  refreshing: 'yellow',
  reconnecting: 'yellow',
  valid: 'green',
  locked: 'red',
  failed: 'red',
  stopped: 'dim',
};
const NAME_WIDTH = 5;
const STATE_WIDTH = 12;
const TEXT_WIDTH = 44;

/** Tells what happens to a session, a line for each change of state; a routine swap of tokens is one line, at its end. */
export function narrate(name: string, auth: MatrixAuth<unknown>, print: Print): void {
  let routine = false;
  auth.on('state', (snapshot) => {
    const { state, next } = snapshot;
    routine = isRoutine(snapshot, routine);
    if (routine && state !== 'valid') return;
    const text = routine ? swapped(snapshot) : inWords(snapshot, auth.client !== undefined);
    routine = false;
    const then = next === undefined ? '' : nextInWords(next);
    print(line(name, state, STYLES[state], then === '' ? text : `${text.padEnd(TEXT_WIDTH)}  ${then}`));
  });
  auth.on('warning', ({ warning }) => print(line(name, 'warning', 'red', warning.message)));
  // Its reason and advice are told with the state. A listener keeps them from being logged once more.
  auth.on('failed', () => {});
}

/** Whether a token is exchanged ahead of time and put in its place, and nothing has gone wrong on the way. */
function isRoutine({ state, detail, generation = 0 }: AuthSnapshot, before: boolean): boolean {
  const states = detail.split('.');
  if (state === 'refreshing') {
    const calm = states.includes('deciding') || states.includes('exchanging');
    return calm && states.includes('ahead') && generation > 0;
  }
  return before && (state === 'reconnecting' || state === 'valid');
}

function swapped({ generation = 0 }: AuthSnapshot): string {
  return `swapped its token while at work; now the ${ordinal(generation)}`;
}

/** A line of its own, in the columns of the others. */
export function remark(name: string, text: string): string {
  return line(name, '', 'red', text);
}

/** What somebody has done, in the columns of the others. */
export function act(name: string, text: string): string {
  return line(name, '', 'cyan', styleText('cyan', text));
}

function line(name: string, state: string, style: Style, text: string): string {
  return [
    styleText('dim', clockTime(new Date())),
    name.padEnd(NAME_WIDTH),
    styleText(style, state.padEnd(STATE_WIDTH)),
    text,
  ].join('  ');
}

function nextInWords({ what, at }: NonNullable<AuthSnapshot['next']>): string {
  const when = `in ${duration(Math.max(0, at - Date.now()))}`;
  switch (what) {
    case 'refresh':
      return `refreshes ${when}`;
    case 'log in':
      return `logs in again ${when}`;
    case 'try again':
      return `tries again ${when}`;
    case 'ask whether it is unlocked':
      return `asks again ${when}`;
  }
}

function inWords(snapshot: AuthSnapshot, hasClient: boolean): string {
  const { detail, generation = 0, trouble = 'no reason is known', userId = 'somebody' } = snapshot;
  const states = detail.split('.');
  const meanwhile = states.includes('required') ? 'requests wait' : 'the old one serves on';
  switch (states.at(-1) ?? '') {
    case 'reading':
      return 'looks for a stored session';
    case 'exchanging':
      return `asks for a new token; ${meanwhile}`;
    case 'loggingIn':
      return generation === 0 ? 'logs in with its password' : `logs in again; ${meanwhile}`;
    case 'coolingDown':
      return 'was refused a token that was just issued';
    case 'backingOff':
      return `nothing yet (${trouble})`;
    case 'checking':
      return 'asks whether its token is dead; whoever was refused waits';
    case 'verifying':
      return 'asks whose token this is';
    case 'connecting':
      return hasClient ? 'hands the client the new token' : 'starts the client';
    case 'scheduled':
    case 'resting':
      return signedIn(snapshot, userId, generation);
    case 'waiting':
    case 'asking':
      return 'is locked by an administrator, and keeps everything';
    case 'failed':
      return `needs a person (${snapshot.reason ?? 'unknown'}). ${snapshot.advice ?? ''}`;
    case 'stopped':
      return 'ends, and leaves its session as it is';
    default:
      return detail;
  }
}

function signedIn({ expiresAt }: AuthSnapshot, userId: string, generation: number): string {
  const what =
    generation <= 1 ? `is signed in as ${userId}` : `goes on with its ${ordinal(generation)} token`;
  return expiresAt === undefined ? `${what}; no end of the token is known` : what;
}

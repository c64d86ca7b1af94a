import { causeOf, type Frame, situationOf } from '../../observe/index.ts';
import { NEEDS_PERSON, NOT_NOW, SIGNED_IN } from './exit-codes.ts';
import type { PageAddress } from '../source/page-address.ts';
import { botsOn } from '../source/page-client.ts';
import type { BotOnPage } from '../source/page-schema.ts';
import { type SourceOptions, sourceOf, type StoreAddress } from '../source/source.ts';
import { openStore } from '../source/store.ts';
import { type Stored, storedOf } from '../source/stored.ts';
import { clock, rows, span, when } from '../words.ts';

/**
 * Prints how things stand. Returns the exit code.
 * @throws {UsageError} {@link UnreachableError}
 */
export async function printStatus(options: SourceOptions): Promise<number> {
  const source = sourceOf(options);
  const json = options.json === true;
  return source.kind === 'page' ? statusOfPage(source, json) : statusOfStore(source, json);
}

async function statusOfPage(page: PageAddress, json: boolean): Promise<number> {
  const { now, bots } = await botsOn(page);
  const codes = bots.map((bot) => exitCodeOf(bot.now));
  if (json) print(`${JSON.stringify({ source: 'page', now, bots: bots.map(asJson) }, undefined, 2)}\n`);
  else if (bots.length === 0) print('There is no bot on this page yet.\n');
  else print(bots.map((bot) => botText(bot.now, now)).join('\n'));
  // A person is asked for before patience is.
  return codes.includes(NEEDS_PERSON) ? NEEDS_PERSON : codes.length > 0 ? Math.max(...codes) : NOT_NOW;
}

function exitCodeOf(frame: Frame): number {
  if (frame.tags.includes('usable')) return SIGNED_IN;
  return situationOf(frame).urgent ? NEEDS_PERSON : NOT_NOW;
}

function asJson({ id, now }: BotOnPage) {
  const { headline, waitsFor, toDo, urgent } = situationOf(now);
  const signedIn = now.tags.includes('usable');
  return { id, signedIn, needsPerson: urgent, headline, waitsFor, toDo, last: causeOf(now), ...now };
}

function botText(frame: Frame, now: number): string {
  const { bot, userId, state, detail, since, next, trouble, counters } = frame;
  const { headline, waitsFor, toDo } = situationOf(frame);
  const answer = { [SIGNED_IN]: 'signed in', [NEEDS_PERSON]: 'NOT SIGNED IN, and needs a person' }[
    exitCodeOf(frame)
  ];
  const { homeserver, process } = frame;
  const who = userId === undefined ? bot : `${bot} (${userId})`;
  return `${who}: ${answer ?? 'not signed in at the moment'}\n${rows([
    ['state', `${detail}, for ${span(now - since)}, since ${clock(since, now)}`],
    ['', headline],
    ['token', tokenText(frame, now)],
    ['server', homeserver],
    ['process', processText(process)],
    ['last', `${causeOf(frame)}, ${when(since, now)}`],
    ['next', next === undefined ? waitsFor : `${next.what} ${when(next.at, now)}`],
    ['held', counters.held === 0 ? undefined : `${counters.held} requests wait for a token`],
    ['to send', queueText(counters.outgoing, counters.outgoingSince, now)],
    ['trouble', state === 'failed' ? undefined : trouble],
    ['to do', toDo],
    ['', frame.advice],
  ])}`;
}

function queueText(length: number, since: number | undefined, now: number): string | undefined {
  if (length === 0) return undefined;
  const oldest = since === undefined ? '' : `, the oldest ${when(since, now)}`;
  return `${length} ${length === 1 ? 'message waits' : 'messages wait'}${oldest}`;
}

function processText(process: Frame['process'] | undefined): string | undefined {
  if (process === undefined) return undefined;
  const { host, pid, version } = process;
  return `${pid} on ${host}${version === undefined ? '' : `, matrix-auth-machine ${version}`}`;
}

/** What the page and the store know of the token in the same words. */
function tokenText({ generation, fingerprint, obtainedAt, expiresAt }: Partial<Frame>, now: number): string {
  if (generation === undefined) return 'none';
  const since = obtainedAt === undefined ? '' : `, since ${clock(obtainedAt, now)}`;
  const end =
    expiresAt === undefined
      ? 'no end is known'
      : `${expiresAt <= now ? 'expired' : 'expires'} ${when(expiresAt, now)}`;
  return `number ${generation} (${fingerprint ?? '?'})${since}; ${end}`;
}

async function statusOfStore(address: StoreAddress, json: boolean): Promise<number> {
  const store = await openStore(address);
  try {
    const now = Date.now();
    const stored = storedOf(await store.read(), now);
    const { kind, session } = address;
    if (json) print(`${JSON.stringify({ source: kind, session, now, ...stored }, undefined, 2)}\n`);
    else if (stored.found) print(storedText(session, stored, now));
    else print(`There is no session ${JSON.stringify(session)} in it.${namesText(await store.list())}\n`);
    return stored.signedIn ? SIGNED_IN : NOT_NOW;
  } finally {
    await store.close();
  }
}

function namesText(names: readonly string[]): string {
  return names.length === 0 ? '' : ` There are: ${names.map((name) => JSON.stringify(name)).join(', ')}.`;
}

function storedText(session: string, stored: Stored, now: number): string {
  const {
    userId,
    deviceId,
    signedIn,
    generation,
    expiresAt,
    refreshable,
    nextLoginAt,
    hasLeader,
    outgoing,
    outgoingSince,
  } = stored;
  const alive = expiresAt === undefined || expiresAt > now;
  const answer = !signedIn
    ? generation === undefined
      ? 'not signed in'
      : 'the token has expired, and cannot be refreshed'
    : alive
      ? 'signed in, as far as the store knows'
      : 'the token has expired; it can be refreshed';
  return `${userId ?? session}: ${answer}\n${rows([
    ['device', deviceId],
    ['token', tokenText(stored, now)],
    [
      'refresh',
      generation === undefined
        ? undefined
        : refreshable
          ? 'there is a refresh token'
          : 'there is no refresh token',
    ],
    ['login', nextLoginAt <= now ? 'may be tried at once' : `may be tried ${when(nextLoginAt, now)}`],
    ['to send', queueText(outgoing, outgoingSince, now)],
    ['processes', hasLeader ? 'one of several leads' : undefined],
    [
      'not known',
      'a store does not know whether the bot runs, what it does, or what has to be done: ask its page',
    ],
  ])}`;
}

function print(text: string): void {
  process.stdout.write(text);
}

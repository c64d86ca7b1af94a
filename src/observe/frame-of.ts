import { advice, type AuthTag, type Session } from '../machines/index.ts';
import { detailOf, matching, numberOf, reasonOf, stateOf, tagOf } from './allow.ts';
import type { Frame } from './frame.ts';
import { happeningOf } from './happening.ts';
import { nextStepOf } from './next-step.ts';
import type { Note } from './note.ts';
import { topOf } from './state-value.ts';
import { durationsOf } from './tally.ts';
import { identifierOf, textOf } from './text.ts';

const USER_ID = /^@[!-9;-~]{0,254}:[\w.:[\]-]{1,255}$/;
const FINGERPRINT = /^[0-9a-f]{8}$/;

type Unfinished = { -readonly [Key in keyof Frame]: Frame[Key] };

/**
 * Copies what is on the list, field by field, each only if it has the form that it should have. It is written out, with
 * no helper that sets a field by its name: a bot that is listened to runs through this with each transition.
 */
export function frameOf(note: Note): Frame {
  const { context, since, at } = note;
  const broken = note.status === 'error';
  const detail = broken ? 'stopped' : detailIn(note.value);
  const state = broken ? 'stopped' : (stateOf(topOf(note.value)) ?? 'stopped');
  const { event, outcome, refusal } = happeningOf(note.event);
  const held = numberOf(note.held) ?? 0;
  const frame: Unfinished = {
    seq: note.seq,
    at,
    bot: note.bot,
    event,
    facts: note.facts,
    state,
    detail,
    since,
    tags: note.status === 'active' ? tagsIn(note.tags) : [],
    // The tally's own are frozen, and count none that are held.
    counters: held === 0 ? note.counters : { ...note.counters, held },
    durations: durationsOf(note.times, at),
  };
  if (outcome !== undefined) frame.outcome = outcome;
  if (refusal !== undefined) frame.refusal = refusal;
  if (note.warning !== undefined) frame.warning = note.warning;
  if (note.left !== undefined) {
    frame.left = { detail: detailIn(note.left), afterMs: Math.max(0, since - note.leftSince) };
  }
  const reason = state === 'failed' ? reasonOf(context.reason) : undefined;
  if (reason !== undefined) {
    frame.reason = reason;
    frame.advice = advice[reason];
  }
  const trouble = broken ? 'the machine has stopped by a bug' : textOf(context.trouble, 300);
  if (trouble !== undefined) frame.trouble = trouble;
  const next = nextStepOf(detail, context, since);
  if (next !== undefined) frame.next = next;
  if (context.session !== undefined) putSession(frame, context.session);
  return frame;
}

function detailIn(value: unknown): string {
  return detailOf(value) ?? 'stopped';
}

/** What may be told of the session that was seen last: to look its identifiers over again for each frame is slow. */
let told: { readonly of: Session; readonly fields: Fields } | undefined;

function putSession(frame: Unfinished, session: Session): void {
  if (told?.of !== session) told = { of: session, fields: fieldsOf(session, told) };
  const { userId, deviceId, generation, fingerprint, obtainedAt, expiresAt } = told.fields;
  if (userId !== undefined) frame.userId = userId;
  if (deviceId !== undefined) frame.deviceId = deviceId;
  if (generation !== undefined) frame.generation = generation;
  if (fingerprint !== undefined) frame.fingerprint = fingerprint;
  if (obtainedAt !== undefined) frame.obtainedAt = obtainedAt;
  if (expiresAt !== undefined) frame.expiresAt = expiresAt;
}

interface Fields {
  readonly userId: string | undefined;
  readonly deviceId: string | undefined;
  readonly generation: number | undefined;
  readonly fingerprint: string | undefined;
  readonly obtainedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

/** Most often the session is a renewed one, of the same user and device as `before`. */
function fieldsOf(session: Session, before: typeof told): Fields {
  const { userId, deviceId } = session;
  return {
    userId: before?.of.userId === userId ? before?.fields.userId : matching(userId, USER_ID),
    deviceId: before?.of.deviceId === deviceId ? before?.fields.deviceId : identifierOf(deviceId),
    generation: numberOf(session.generation),
    fingerprint: matching(session.fingerprint, FINGERPRINT),
    obtainedAt: numberOf(session.obtainedAt),
    expiresAt: numberOf(session.expiresAt),
  };
}

function tagsIn(tags: ReadonlySet<unknown>): AuthTag[] {
  const known: AuthTag[] = [];
  for (const each of tags) {
    const tag = tagOf(each);
    if (tag !== undefined) known.push(tag);
  }
  return known;
}

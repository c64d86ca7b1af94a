import { advice } from '../../machines/index.ts';
import { detailOf, matching, nextStepOf, numberOf, reasonOf, stateOf, tagOf } from './allow.ts';
import type { Counters, Durations, Fact, Frame } from './frame.ts';
import type { Happening } from './happening.ts';
import type { Observable } from './observable.ts';
import { identifierOf, textOf } from './text.ts';

const USER_ID = /^@[!-9;-~]{0,254}:[\w.:[\]-]{1,255}$/;
const FINGERPRINT = /^[0-9a-f]{8}$/;

/** What comes to a frame from elsewhere than the session itself. */
export interface Circumstances {
  readonly seq: number;
  readonly at: number;
  readonly bot: string;
  readonly happening: Happening;
  readonly facts: readonly Fact[];
  readonly warning: Frame['warning'];
  readonly left: Frame['left'];
  readonly counters: (held: number) => Counters;
  readonly durations: Durations;
}

/** Copies what is on the list, field by field, each only if it has the form that it should have. */
export function frameOf(auth: Observable, circumstances: Circumstances): Frame {
  const { seq, at, bot, happening, facts, warning, left, counters, durations } = circumstances;
  const shown = auth.snapshot();
  const machine = auth.actor.getSnapshot();
  const broken = machine.status === 'error';
  const state = broken ? 'stopped' : (stateOf(shown.state) ?? 'stopped');
  const detail = broken ? state : (detailOf(shown.detail) ?? state);
  const reason = state === 'failed' ? reasonOf(shown.reason) : undefined;
  const what = nextStepOf(shown.next?.what);
  const nextAt = numberOf(shown.next?.at);
  return {
    seq,
    at,
    bot,
    event: happening.event,
    ...optional('outcome', happening.outcome),
    ...optional('refusal', happening.refusal),
    facts,
    ...optional('warning', warning),
    state,
    detail,
    since: numberOf(shown.since) ?? at,
    ...optional('left', left),
    tags: tagsOf(machine),
    ...(reason === undefined ? {} : { reason, advice: advice[reason] }),
    ...optional('trouble', broken ? 'the machine has stopped by a bug' : textOf(shown.trouble, 300)),
    ...(what === undefined || nextAt === undefined ? {} : { next: { what, at: nextAt } }),
    ...optional('userId', userIdOf(shown.userId)),
    ...optional('deviceId', identifierOf(shown.deviceId, 100)),
    ...optional('generation', numberOf(shown.generation)),
    ...optional('fingerprint', matching(shown.fingerprint, FINGERPRINT)),
    ...optional('obtainedAt', numberOf(machine.context.session?.obtainedAt)),
    ...optional('expiresAt', numberOf(shown.expiresAt)),
    counters: counters(numberOf(shown.held) ?? 0),
    durations,
  };
}

type Machine = ReturnType<Observable['actor']['getSnapshot']>;

/** A machine that has ended, by its owner or by a bug, serves nobody, whatever its last state was. */
export function tagsOf(machine: Machine): Frame['tags'] {
  if (machine.status !== 'active') return [];
  return [...machine.tags].map(tagOf).filter((tag) => tag !== undefined);
}

function userIdOf(value: unknown): string | undefined {
  return matching(identifierOf(value, 255), USER_ID);
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

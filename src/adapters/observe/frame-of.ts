import { advice, type AuthContext } from '../../machines/index.ts';
import { detailOf, matching, numberOf, reasonOf, stateOf, tagOf } from './allow.ts';
import type { Counters, Durations, Fact, Frame } from './frame.ts';
import type { Happening } from './happening.ts';
import { nextStepOf } from './next-step.ts';
import { topOf } from './state-value.ts';
import { identifierOf, textOf } from './text.ts';

/** A moment of a session, as it was noted down: cheap to make, and not yet fit to be shown. */
export interface Moment {
  readonly seq: number;
  readonly at: number;
  readonly bot: string;
  readonly happening: Happening;
  readonly facts: readonly Fact[];
  readonly warning: Frame['warning'];
  readonly detail: string;
  readonly since: number;
  readonly left: Frame['left'];
  readonly status: string;
  readonly tags: ReadonlySet<unknown>;
  readonly context: AuthContext;
  readonly held: number | undefined;
  readonly counters: Counters;
  readonly durations: Durations;
}

const USER_ID = /^@[!-9;-~]{0,254}:[\w.:[\]-]{1,255}$/;
const FINGERPRINT = /^[0-9a-f]{8}$/;

/** Copies what is on the list, field by field, each only if it has the form that it should have. */
export function frameOf(moment: Moment): Frame {
  const { context, since } = moment;
  const session = context.session;
  const broken = moment.status === 'error';
  const detail = broken ? 'stopped' : (detailOf(moment.detail) ?? 'stopped');
  const state = stateOf(topOf(detail)) ?? 'stopped';
  const reason = state === 'failed' ? reasonOf(context.reason) : undefined;
  const next = nextStepOf(detail, context, since);
  return {
    seq: moment.seq,
    at: moment.at,
    bot: moment.bot,
    event: moment.happening.event,
    ...optional('outcome', moment.happening.outcome),
    ...optional('refusal', moment.happening.refusal),
    facts: moment.facts,
    ...optional('warning', moment.warning),
    state,
    detail,
    since,
    ...optional('left', moment.left),
    tags: moment.status === 'active' ? [...moment.tags].map(tagOf).filter((tag) => tag !== undefined) : [],
    ...(reason === undefined ? {} : { reason, advice: advice[reason] }),
    ...optional('trouble', broken ? 'the machine has stopped by a bug' : textOf(context.trouble, 300)),
    ...(numberOf(next?.at) === undefined ? {} : optional('next', next)),
    ...optional('userId', matching(session?.userId, USER_ID)),
    ...optional('deviceId', identifierOf(session?.deviceId)),
    ...optional('generation', numberOf(session?.generation)),
    ...optional('fingerprint', matching(session?.fingerprint, FINGERPRINT)),
    ...optional('obtainedAt', numberOf(session?.obtainedAt)),
    ...optional('expiresAt', numberOf(session?.expiresAt)),
    counters: { ...moment.counters, held: numberOf(moment.held) ?? 0 },
    durations: moment.durations,
  };
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

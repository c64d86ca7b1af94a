import { meaningOf, type Rejection } from '../machines/index.ts';
import { endpointOf, eventOf, matching, meaningIn, numberOf, outcomeOf } from './allow.ts';
import type { FrameOutcome, FrameRefusal } from './frame.ts';

/** What an event of the machine was about, as far as it may be told. */
export interface Happening {
  readonly event: string;
  readonly outcome: FrameOutcome | undefined;
  readonly refusal: FrameRefusal | undefined;
}

/** In place of an event, where none has come yet. */
export const watchingBegan = Symbol('watching began');

/** Reads an event as XState's inspection shows it. Nothing is taken for granted about what it holds. */
export function happeningOf(event: unknown): Happening {
  if (event === watchingBegan) return { event: 'observed', outcome: undefined, refusal: undefined };
  const { type, rejection, output } = fields(event);
  const { outcome, rejection: answer } = fields(output);
  return { event: eventOf(type), outcome: outcomeOf(outcome), refusal: refusalOf(rejection ?? answer) };
}

/** Whether an event has anything to be counted; most have not. */
export function isCounted(event: unknown): boolean {
  const { type, rejection, output } = fields(event);
  if (rejection !== undefined || type === 'token.rejected') return true;
  if (output === undefined) return false;
  const { outcome, rejection: answer } = fields(output);
  return answer !== undefined || outcome === 'trouble';
}

/** Synapse's and the specification's error codes; nothing that carries a secret looks like one. */
const ERRCODE = /^[A-Z][A-Z_.]{1,59}$/;

function refusalOf(rejection: unknown): FrameRefusal | undefined {
  if (rejection === undefined) return undefined;
  const { endpoint: where, status: answered, errcode: said } = fields(rejection);
  const endpoint = endpointOf(where);
  const status = numberOf(answered);
  if (endpoint === undefined || status === undefined) return undefined;
  const meaning = meaningIn(meaningOf(rejection as Rejection));
  if (meaning === undefined) return undefined;
  const errcode = matching(said, ERRCODE);
  return { endpoint, status, ...(errcode === undefined ? {} : { errcode }), meaning };
}

const none: Readonly<Record<string, unknown>> = {};

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : none;
}

import { meaningOf, type Rejection } from '../machines/auth/index.ts';
import { endpointOf, eventOf, matching, meaningIn, numberOf, outcomeOf } from './allowed-values.ts';
import type { FrameOutcome, FrameRefusal } from './frame.ts';

/** What an event of the machine was about, as far as it may be shown. */
export interface EventSummary {
  readonly event: string;
  readonly outcome: FrameOutcome | undefined;
  readonly refusal: FrameRefusal | undefined;
}

/** In place of an event, where none has come yet. */
export const watchingBegan: EventSummary = { event: 'observed', outcome: undefined, refusal: undefined };

/** Summarises an event as XState's inspection shows it. It takes nothing for granted about what the event holds. */
export function summaryOf(event: unknown): EventSummary {
  const { type, rejection, output } = fieldsOf(event);
  const { outcome, rejection: answer } = fieldsOf(output);
  return { event: eventOf(type), outcome: outcomeOf(outcome), refusal: refusalOf(rejection ?? answer) };
}

/** Synapse's and the specification's error codes; nothing that carries a secret looks like one. */
const ERRCODE = /^[A-Z][A-Z_.]{1,59}$/;

function refusalOf(rejection: unknown): FrameRefusal | undefined {
  if (rejection === undefined) return undefined;
  const fields = fieldsOf(rejection);
  const endpoint = endpointOf(fields['endpoint']);
  const status = numberOf(fields['status']);
  if (endpoint === undefined || status === undefined) return undefined;
  const meaning = meaningIn(meaningOf(rejection as Rejection));
  if (meaning === undefined) return undefined;
  const errcode = matching(fields['errcode'], ERRCODE);
  return { endpoint, status, ...(errcode === undefined ? {} : { errcode }), meaning };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

import { meaningOf, type Rejection } from '../../machines/index.ts';
import { endpointOf, eventOf, matching, meaningIn, numberOf, outcomeOf } from './allow.ts';
import type { FrameOutcome, FrameRefusal } from './frame.ts';

/** What an event of the machine was about, as far as it may be told. */
export interface Happening {
  readonly event: string;
  readonly outcome?: FrameOutcome;
  readonly refusal?: FrameRefusal;
}

/** Reads an event as XState's inspection shows it. Nothing is taken for granted about what it holds. */
export function happeningOf(event: unknown): Happening {
  const { type, rejection, output } = fields(event);
  const outcome = outcomeOf(fields(output)['outcome']);
  const refusal = refusalOf(rejection ?? fields(output)['rejection']);
  return {
    event: eventOf(type),
    ...(outcome === undefined ? {} : { outcome }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** Synapse's and the specification's error codes; nothing that carries a secret looks like one. */
const ERRCODE = /^[A-Z][A-Z_.]{1,59}$/;

function refusalOf(rejection: unknown): FrameRefusal | undefined {
  const { endpoint: where, status: answered, errcode: said } = fields(rejection);
  const endpoint = endpointOf(where);
  const status = numberOf(answered);
  if (endpoint === undefined || status === undefined) return undefined;
  const meaning = meaningIn(meaningOf(rejection as Rejection));
  if (meaning === undefined) return undefined;
  const errcode = matching(said, ERRCODE);
  return { endpoint, status, ...(errcode === undefined ? {} : { errcode }), meaning };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

import { meaningOf, type Rejection } from '../../machines/index.ts';
import { endpointOf } from './allow.ts';

/** What the homeserver refused by this event of the machine, as attributes; `undefined` if it refused nothing. */
export function refusalIn(
  event: unknown,
): { readonly endpoint: string; readonly meaning: string } | undefined {
  const { rejection, output } = event as {
    readonly rejection?: Rejection;
    readonly output?: { readonly rejection?: Rejection };
  };
  const refused = rejection ?? output?.rejection;
  return refused && { endpoint: endpointOf(refused.endpoint), meaning: meaningOf(refused) };
}

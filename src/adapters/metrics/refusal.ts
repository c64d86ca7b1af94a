import { type Endpoint, type Meaning, meaningOf, type Rejection } from '../../machines/index.ts';

/** What the homeserver refused by this event of the machine, if it did. */
export function refusalIn(
  event: unknown,
): { readonly endpoint: Endpoint; readonly meaning: Meaning } | undefined {
  const { rejection, output } = event as {
    readonly rejection?: Rejection;
    readonly output?: { readonly rejection?: Rejection };
  };
  const refused = rejection ?? output?.rejection;
  return refused && { endpoint: refused.endpoint, meaning: meaningOf(refused) };
}

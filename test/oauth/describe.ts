import { missingSynapse } from '../support/both.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';
import { startOAuthSynapse } from './synapse.ts';

/** Runs a suite on real Synapse with a real OAuth 2.0 server; where Synapse cannot be had, as other suites are. */
export function describeWithOAuthSynapse(
  name: string,
  limits: { readonly timeout?: number },
  suite: (start: typeof startOAuthSynapse) => void,
): void {
  describeWhereThereIs('Synapse', missingSynapse(), `${name} (Synapse and oidc-provider)`, limits, () =>
    suite(startOAuthSynapse),
  );
}

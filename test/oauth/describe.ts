import type { Browser } from 'playwright-core';
import { afterAll } from 'vitest';
import { chromiumOrReason } from '../browser/chromium.ts';
import { missingSynapse } from '../support/both.ts';
import type { OAuthHomeserver } from '../support/oauth-homeserver.ts';
import { describeWhereThereIs } from '../support/where-there-is.ts';
import { type OAuthSynapseOptions, startOAuthSynapse } from './synapse.ts';

const browser = missingSynapse() ?? (await chromiumOrReason());

/**
 * Runs a suite on real Synapse with a real OAuth 2.0 server. Where Synapse or Chromium cannot be had it is skipped, with the
 * reason in its name; with `CI=true` it fails instead.
 */
export function describeWithOAuthSynapse(
  name: string,
  limits: { readonly timeout?: number },
  suite: (start: (options: OAuthSynapseOptions) => Promise<OAuthHomeserver>) => void,
): void {
  const missing = typeof browser === 'string' ? browser : undefined;
  const whole = `${name} (Synapse and oidc-provider)`;
  describeWhereThereIs('Synapse with Chromium', missing, whole, limits, () => {
    afterAll(() => (browser as Browser).close());
    suite((options) => startOAuthSynapse(options, browser as Browser));
  });
}

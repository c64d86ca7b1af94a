/** How the OAuth 2.0 server beside the test homeserver behaves, as matrix-authentication-service does. */
export interface OAuthOptions {
  /** Whether there is a device authorization grant. Default `true`. */
  readonly deviceGrant?: boolean;
  /** How often a client may ask whether a person has approved, in milliseconds. Default 5,000. */
  readonly pollIntervalMs?: number;
  /** How long a person has to approve, in milliseconds. Default 1,200,000 (20 minutes). */
  readonly deviceCodeLifetimeMs?: number;
  /** Which scopes it knows (MSC2967): those of the specification, those from before, or both. Default `both`. */
  readonly scopes?: 'stable' | 'unstable' | 'both';
  /** Where its metadata is: at `/v1/auth_metadata`, or only where it was before. Default `stable`. */
  readonly metadata?: 'stable' | 'unstable';
  /**
   * Whether the API of before is there, too: logins by password, and their `/refresh`, which consumes a refresh token at
   * once. `false`: all of it is 404, as on Synapse itself. Default `true`.
   */
  readonly compatibility?: boolean;
}

export type ResolvedOAuth = Required<OAuthOptions>;

export function resolveOAuth(options: OAuthOptions): ResolvedOAuth {
  return {
    deviceGrant: options.deviceGrant ?? true,
    pollIntervalMs: options.pollIntervalMs ?? 5_000,
    deviceCodeLifetimeMs: options.deviceCodeLifetimeMs ?? 1_200_000,
    scopes: options.scopes ?? 'both',
    metadata: options.metadata ?? 'stable',
    compatibility: options.compatibility ?? true,
  };
}
